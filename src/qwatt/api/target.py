"""What a verb works on: a study file, or a study made from a stage or task name and options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qwatt.api.default_folder import default_folder
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.fixed import fits, merged, nowhere, parse_assignments
from qwatt.core.home import expanded, from_home
from qwatt.core.registry import AnyMethod, all_methods, all_tasks, get_method, get_task, tasks_of
from qwatt.core.shipped import find_shipped
from qwatt.core.study import Study, with_companions
from qwatt.core.study_file import check_study, load_study
from qwatt.core.task import STAGES
from qwatt.data.documents import split_source
from qwatt.data.names import escaped
from qwatt.language import check_encoder
from qwatt.language.decoder import decoder_names, is_decoder
from qwatt.language.decoder.choice import MODEL
from qwatt.language.decoder.folder import decoder_config
from qwatt.language.model_choice import ANY_MODEL_LIMITS, encoder_names, is_encoder

_ENCODER = "encoder"
"""The parameter of a size that names what turns texts into vectors."""
TUNING_TRIALS = 12
"""Settings that each method may try where no study file says how many: most baselines' whole space."""


@dataclass(frozen=True)
class Overrides:
    """Command-line options that replace a study's settings; None leaves them."""

    data: str | None = None
    train: str | None = None
    methods: list[str] | None = None
    seeds: int | None = None
    size: str | None = None
    backend: str | None = None
    shots: int | None = None
    tuning_trials: int | None = None
    fixed: list[str] | None = None
    model: str | None = None


def resolve(target: str, overrides: Overrides) -> tuple[Study, str, Path]:
    """Return the study, its TOML text, and the default run folder.

    Raises:
        QwattError: no such file, stage or task, or an option that does not fit.
    """
    if target.endswith(".toml") or Path(target).is_file():
        return _from_file(find_shipped(Path(target)), overrides)
    tasks = list(tasks_of(target))
    if not tasks:
        if target in STAGES:
            raise QwattError(f"the stage {target} has no task yet", mend=f"known: {', '.join(all_tasks())}")
        raise unknown_name("study file, stage or task", target, [*all_tasks(), *STAGES])
    data: dict[str, Any] = {
        "name": target.replace("/", "-"),
        "tuning_trials": TUNING_TRIALS,
        "tasks": [{"task": name} for name in tasks],
    }
    study = _override(data, overrides, f"option for {target}")
    return study, to_toml(study), _folder(study.name, overrides)


def _from_file(path: Path, overrides: Overrides) -> tuple[Study, str, Path]:
    study = load_study(path)
    if overrides == Overrides():
        return study, path.read_text(encoding="utf-8"), _folder(path.stem, overrides)
    data = study.model_dump(exclude_defaults=True)
    study = _override(data, overrides, f"{path} with options")
    return study, to_toml(study), _folder(path.stem, overrides)


def _folder(name: str, given: Overrides) -> Path:
    return default_folder(name, given.data, given.train, given.model, given.size)


def _override(data: dict[str, Any], overrides: Overrides, where: str) -> Study:
    for name in ("seeds", "backend", "shots", "tuning_trials"):
        value = getattr(overrides, name)
        if value is not None:
            data[name] = value
            for task in data["tasks"]:
                task.pop(name, None)
    if overrides.methods:
        data["tasks"] = _with_methods(data["tasks"], overrides.methods)
    if overrides.train is not None:
        data["tasks"] = _with_function(data["tasks"], overrides, where)
    source = None if overrides.data is None else escaped(overrides.data)
    own_data = source is not None and split_source(source)[0].exists()
    changes = {"source": source, "size": overrides.size or ("full" if own_data else None)}
    for task in data["tasks"]:
        task.update({name: value for name, value in changes.items() if value is not None})
    if overrides.model is not None:
        _choose_model(data, overrides, overrides.model)
    if overrides.fixed:
        _fix(data["tasks"], overrides.fixed)
    return check_study(data, where)


def _with_function(tasks: list[dict[str, Any]], overrides: Overrides, where: str) -> list[dict[str, Any]]:
    """Return the tasks that search the settings of a training, on the user's function.

    Raises:
        QwattError: there is none, or other data is given besides.
    """
    if overrides.data is not None:
        what, mend = "--train and --data both say what to work on", "give one of them"
        raise QwattError(what, where=where, mend=mend)
    found = [task for task in tasks if get_task(task["task"]).takes_training]
    if not found:
        mend = "give it to architecture/search"
        raise QwattError("no task here takes a training function", where="--train", mend=mend)
    size = overrides.size or "full"
    return [task | {"source": f"train:{from_home(str(overrides.train))}", "size": size} for task in found]


def _choose_model(data: dict[str, Any], overrides: Overrides, name: str) -> None:
    """Fix the language model in every task whose methods work on one, and the encoder of all others with one.

    Raises:
        QwattError: there is no such model, or a task of either sort cannot take it.
    """
    working = [t for t in data["tasks"] if any(MODEL in m.space for m in all_methods(t["task"]))]
    encoding = [t for t in data["tasks"] if t not in working and _has_encoder(t["task"])]
    if not working and not encoding:
        what = "no task here works on a language model of your choice"
        mend = "leave it out, or name a task that does, such as architecture/layer"
        raise QwattError(what, where="--model", mend=mend)
    if working:
        _check_model(name, [t["task"] for t in working])
    if encoding:
        _choose_encoder(data, encoding, overrides, name)
    for task in working:
        task["set"] = merged(task.get("set", {}), {MODEL: from_home(name)})


def _check_model(name: str, tasks: list[str]) -> None:
    """Refuse a model that the methods of any of the tasks cannot work on.

    Raises:
        QwattError: there is no such model, or it is an encoder where a task works on decoders.
    """
    if not is_encoder(name) and not is_decoder(name):
        known = [*decoder_names(), *encoder_names(), "a folder"]
        raise unknown_name("language model", name, known, where="--model")
    if not is_encoder(name):
        if name not in decoder_names():
            decoder_config(expanded(name))
        return
    others = [task for task in tasks if not any(_takes_encoders(m) for m in all_methods(task))]
    if others:
        what = f"{name} is an encoder; what works on decoders here: {', '.join(others)}"
        mend = "name a decoder, such as small, or run the tasks that take encoders alone"
        raise QwattError(what, where="--model", mend=mend)


def _choose_encoder(
    data: dict[str, Any], tasks: list[dict[str, Any]], overrides: Overrides, name: str
) -> None:
    """Name the model as the encoder in the sizes of tasks, in place of one that a study names there.

    Raises:
        QwattError: there is no such encoder, a size cannot say such a name, or --size names one too.
    """
    if _without_encoder(overrides.size or "") != (overrides.size or ""):
        mend = "leave one of them away"
        raise QwattError("--model and --size both name an encoder", where="--model", mend=mend)
    if "," in name:
        mend = "rename the folder, or give a link to it"
        raise QwattError(f"an encoder's name may hold no comma: {name!r}", where="--model", mend=mend)
    try:
        check_encoder(name)
    except QwattError as error:
        raise error.found_in(f"--model, as the encoder of {', '.join(t['task'] for t in tasks)}") from error
    usual = data.get("size") or Study.model_fields["size"].default
    for task in tasks:
        task["size"] = f"{_without_encoder(task.get('size') or usual)},{_ENCODER}={from_home(name)}"


def _without_encoder(size: str) -> str:
    return ",".join(part for part in size.split(",") if part.partition("=")[0].strip() != _ENCODER)


def _has_encoder(task: str) -> bool:
    return any(_ENCODER in rung for rung in get_task(task).sizes.values())


def _takes_encoders(method: type[AnyMethod]) -> bool:
    return method.limits.get(MODEL) is ANY_MODEL_LIMITS[MODEL]


def _fix(tasks: list[dict[str, Any]], texts: list[str]) -> None:
    """Fix settings in every task that has a method for them; a study checks the values.

    Raises:
        QwattError: a text is no assignment, or no task has the method or setting.
    """
    methods = {t["task"]: with_companions(t["task"], t.get("methods")) for t in tasks}
    spaces = {name: {m: get_method(name, m).space for m in names} for name, names in methods.items()}
    for text in texts:
        table = parse_assignments([text])
        fitting = [t for t in tasks if fits(table, spaces[t["task"]])]
        if not fitting:
            every = {method: space for found in spaces.values() for method, space in found.items()}
            raise nowhere(table, every).found_in(f"--set {text}")
        for settings in fitting:
            settings["set"] = merged(settings.get("set", {}), table)


def _with_methods(tasks: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """Return the tasks that have any of the methods, limited to these."""
    known = {task["task"]: [m.name for m in all_methods(task["task"])] for task in tasks}
    for name in names:
        if not any(name in methods for methods in known.values()):
            every = {method for methods in known.values() for method in methods}
            raise unknown_name(f"method of {', '.join(known)}", name, every, where="--method")
    limited = [task | {"methods": [n for n in names if n in known[task["task"]]]} for task in tasks]
    return [_without_strangers(task) for task in limited if task["methods"]]


def _without_strangers(task: dict[str, Any]) -> dict[str, Any]:
    """Leave out the fixed settings of methods that the command line's choice left out."""
    if not task.get("set"):
        return task
    run = with_companions(task["task"], task["methods"])
    own = {name: v for name, v in task["set"].items() if not isinstance(v, dict) or name in run}
    return {key: value for key, value in task.items() if key != "set"} | ({"set": own} if own else {})


def to_toml(study: Study) -> str:
    """Write a study as TOML, so that the run folder can repeat it.

    Raises:
        QwattError: a path in it is no text.
    """
    import tomli_w

    text = tomli_w.dumps(study.model_dump(exclude_defaults=True, exclude_none=True))
    if not text.isascii():
        _check_text(text)
    return text


def _check_text(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        what = "a name holds bytes that are no UTF-8 text"
        raise QwattError(what, where=text[max(0, error.start - 40) : error.end], mend="rename it") from error
