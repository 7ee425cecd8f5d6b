"""Small pieces of English that the report is put together from."""


def listed(parts):
    """«a», «a and b», «a, b and c»."""
    *head, last = parts
    return f"{', '.join(head)} and {last}" if head else str(last)


def was(what):
    """«was» for one thing (a count or a list), «were» for several."""
    count = what if isinstance(what, int) else len(what)
    return "was" if count == 1 else "were"


def count_of(count, noun):
    """«1 claim», «3 claims»."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def times(ratio):
    """A ratio as «2.81 times», «12.6 times» or «1,250 times»: three digits."""
    digits = 2 if ratio < 10 else 1 if ratio < 100 else 0
    return f"{ratio:,.{digits}f} times"


def quoted(text):
    """«text», as names of people's own are written."""
    return f"«{text}»"
