"""Notes of tables and figures, numbered through the page: each is said once."""

import re
from dataclasses import dataclass, replace

# A mark stands for itself: «— [1]», «[1][2]», not «[1](x)» or «a[1]».
MARK = re.compile(r"(?<![^\s\]])\[(\d+)\](?=[\s\[.,]|$)")


@dataclass(frozen=True)
class Told:
    """The notes of one table or figure: new ones with number and kind, and old ones.

    new: (number, kind, text) tuples, to be told under it; old: numbers of notes that
    stand further up the page.
    """

    new: tuple
    old: tuple


class Notes:
    """All notes of a page by their text, in the order in which they are first told."""

    def __init__(self):
        self._numbers = {}

    def __len__(self):
        return len(self._numbers)

    def tell(self, notes):
        """`Told` of these notes, (kind, text) tuples, and their numbers in order."""
        new, old, numbers = [], [], []
        for kind, text in notes:
            key = text.removeprefix("† ").rstrip(".")
            if key not in self._numbers:
                self._numbers[key] = len(self._numbers) + 1
                new.append((self._numbers[key], kind, text))
            elif self._numbers[key] not in [*old, *(number for number, *_ in new)]:
                old.append(self._numbers[key])
            numbers.append(self._numbers[key])
        return Told(tuple(new), tuple(sorted(old))), numbers

    def of_grid(self, grid):
        """The grid with its marks numbered as on the page, its notes as `Told`."""
        told, numbers = self.tell(grid.notes)

        def mark(text):
            return MARK.sub(lambda found: _moved(found, numbers), text)

        groups = [[list(map(mark, row)) for row in group] for group in grid.groups]
        return replace(grid, groups=groups, notes=told, left_out=mark(grid.left_out))

    def of_picture(self, picture):
        """The picture with its notes as `Told`."""
        told, _ = self.tell([("run", text) for text in picture.notes])
        return replace(picture, notes=told)


def _moved(found, numbers):
    """«[2]» as the page numbers it; what is no mark of a note stays as it is."""
    own = int(found[1])
    return f"[{numbers[own - 1]}]" if 1 <= own <= len(numbers) else found[0]
