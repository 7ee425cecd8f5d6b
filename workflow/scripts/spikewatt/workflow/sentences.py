"""Errors of the config as sentences: key, value, what is allowed, what was meant."""

import difflib


def sentences(error):
    """The lines that a schema error comes to, one for each key that is wrong.

    Where the schema allows one of several forms, they are those of the form that the
    value comes closest to.
    """
    if error.validator == "oneOf" and error.context:
        nearest = min(_forms(error), key=_distance)
        for inner in nearest:
            yield from sentences(inner)
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(error)
    else:
        yield _sentence(error)


def meant(value, known):
    """« (did you mean «x»?)» where one of the `known` words is close to `value`."""
    words = [word for word in known if isinstance(word, str)]
    close = difflib.get_close_matches(str(value), words, n=1, cutoff=0.6)
    return f" (did you mean «{close[0]}»?)" if close else ""


def _forms(error):
    """The errors of each form that a `oneOf` allows, as lists."""
    forms = {}
    for inner in error.context:
        forms.setdefault(inner.relative_schema_path[0], []).append(inner)
    return list(forms.values())


def _distance(errors):
    """How far a value is from a form: another type is farther than wrong content."""
    other = any(e.validator == "type" and not e.relative_path for e in errors)
    return other, len(errors)


def _key(error, *more):
    return ".".join(map(str, (*error.absolute_path, *more))) or "(top level)"


def _unknown_keys(error):
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known:
            yield (
                f"{_key(error)}: {key!r} is no key here{meant(key, known)}; "
                f"known keys: {', '.join(known)}"
            )


def _sentence(error):
    key = _key(error)
    if error.validator == "required":
        return f"{key}: {error.message}"
    if error.validator == "minProperties":
        return f"{key}: it is empty, at least one is needed"
    allowed = f"{error.validator}: {error.validator_value}"
    hint = meant(error.instance, error.validator_value) if _words(error) else ""
    hint = hint or _number_as_text(error)
    about = error.schema.get("description") or _about_parent(error)
    return f"{key}: {error.instance!r} is not allowed ({allowed}){hint}. {about}"


def _number_as_text(error):
    """A hint where a text would be a number in Python: YAML takes 5e-3 for a text."""
    types = error.validator_value
    types = [types] if isinstance(types, str) else types
    if error.validator != "type" or not {"number", "integer"} & set(types):
        return ""
    try:
        return f"; YAML takes it for a text: write {float(error.instance)}"
    except (TypeError, ValueError):
        return ""


def _words(error):
    return error.validator == "enum" and isinstance(error.instance, str)


def _about_parent(error):
    return error.parent.schema.get("description", "") if error.parent else ""
