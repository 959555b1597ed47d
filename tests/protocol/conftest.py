from protocol_numbers import folder, register

__all__ = ["folder", "register"]
