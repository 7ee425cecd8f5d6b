"""The winners of a pooling with their gradients, as lists, compiled."""

import numpy as np
from numba.core import types
from numba.extending import intrinsic

from spikewatt.compute.numba_cache import compiled
from spikewatt.stack.fast.vectors import BYTE, I32, VECTOR, Vectors, data

WINNERS = ("values", "winner", "number", "first", "left")


@intrinsic
def append(context, values, winner, number, first, left, base, address, scale, count):
    """Append those of a vector of neurons whose winner has a number; how many now.

    values, winner: N, the vector starts at `first` and has `left` neurons or more than
    a vector holds; address: base, base + 1, … of the chosen; scale: their values; both
    are written from `count` on, a whole vector.
    """
    given = (values, winner, number, first, left, base, address, scale, count)
    return types.int64(*given), _appending


def _appending(context, builder, signature, args):
    names = (*WINNERS, "base", "address", "scale", "count")
    given, arrays = _named(context, builder, signature, args, names)
    chosen, value, scales = _won(builder, given, arrays)
    addresses = Vectors(builder, I32)
    base = addresses.spread(builder.trunc(given["base"], I32))
    address = builder.add(base, addresses.counted())
    scales.mask = None
    scales.append(value, chosen, arrays["scale"], given["count"])
    addresses.append(address, chosen, arrays["address"], given["count"])
    return builder.add(given["count"], scales.chosen(chosen))


@intrinsic
def add_won(context, values, winner, number, first, left, sums, at):
    """Add those of a vector of neurons whose winner has a number to sums[at + n].

    values, winner, number, first, left: see `append`; sums: of the kind of the values.
    """
    given = (values, winner, number, first, left, sums, at)
    return types.void(*given), _adding


def _adding(context, builder, signature, args):
    names = (*WINNERS, "sums", "at")
    given, arrays = _named(context, builder, signature, args, names)
    chosen, value, vectors = _won(builder, given, arrays)
    vectors.mask = chosen
    target = builder.gep(arrays["sums"], [given["at"]])
    add = builder.fadd if vectors.real else builder.add
    vectors.store(add(vectors.load(target), value), target)
    return context.get_dummy_value()


def _named(context, builder, signature, args, names):
    """The arguments by name, and the pointers of those that are arrays."""
    given, kinds = (
        dict(zip(names, some, strict=True)) for some in (args, signature.args)
    )
    arrays = {
        name: data(context, builder, kind, given[name])
        for name, kind in kinds.items()
        if isinstance(kind, types.Array)
    }
    return given, arrays


def _won(builder, given, arrays):
    """(which neurons of a vector won with the number, their values, `Vectors`)."""
    values = Vectors(builder, arrays["values"].type.pointee)
    numbers = Vectors(builder, BYTE, VECTOR)
    within = numbers.mask = values.first_of(given["left"])
    value = values.load(builder.gep(arrays["values"], [given["first"]]))
    found = numbers.load(builder.gep(arrays["winner"], [given["first"]]))
    wanted = numbers.spread(builder.trunc(given["number"], BYTE))
    same = builder.icmp_signed("==", found, wanted)
    return builder.and_(same, within), value, values


@compiled
def lists(steps, grid):
    """Room for the lists of `winners_of`, a vector longer than they can get.

    Of so many steps: address, scale and starts.
    """
    size, places = grid.size + VECTOR, grid.rows * grid.columns
    address = np.empty((steps, size), np.int32)
    scale = np.empty((steps, size), np.float32)
    return address, scale, np.empty((steps, places + 1), np.int64)


@compiled
def winners_of(values, winner, grid, address, scale, starts):
    """The winners of the pooling with their ∂L/∂I, by place of the current.

    values, winner: N; address: the filter of each, scale: its gradient, starts (places
    + 1): where those of a current's place begin, column by column.
    """
    filters, edge, count = grid.filters, grid.pool, 0
    for x in range(grid.columns):
        for y in range(grid.rows):
            starts[x * grid.rows + y] = count
            window = (y // edge) * (grid.columns // edge) + x // edge
            number = (y % edge) * edge + x % edge
            first = window * filters
            for at in range(0, filters, VECTOR):
                count = append(
                    *(values, winner, number, first + at, filters - at, at),
                    *(address, scale, count),
                )
    starts[grid.rows * grid.columns] = count
