"""Small decoders: trained here with their joules, SmolLM2, or the user's own folder."""

from qwatt.language.decoder.choice import MODEL_LIMITS, MODEL_SPACE, chosen_decoder
from qwatt.language.decoder.curve import Curve, CurvePoint
from qwatt.language.decoder.decoder import Decoder, decoder_tokens
from qwatt.language.decoder.load import check_decoder, decoder_names, is_decoder, load_decoder, shared_decoder
from qwatt.language.decoder.loss import bits_per_character, validation_loss
from qwatt.language.decoder.size import DecoderSize
from qwatt.language.decoder.train import train_decoder
from qwatt.language.decoder.trained import Trained, save_decoder

__all__ = [
    "MODEL_LIMITS",
    "MODEL_SPACE",
    "Curve",
    "CurvePoint",
    "Decoder",
    "DecoderSize",
    "Trained",
    "bits_per_character",
    "check_decoder",
    "chosen_decoder",
    "decoder_names",
    "decoder_tokens",
    "is_decoder",
    "load_decoder",
    "save_decoder",
    "shared_decoder",
    "train_decoder",
    "validation_loss",
]
