"""Sums of rows that a list chooses, kept in the processor's registers.

The one loop behind all event-driven sums of convolutions: rows of weights that spikes
choose, rows of gradients that they choose, rows of weights times gradients. numba alone
keeps such a sum in memory, and reads and writes it for each row, which takes several
times as long. Rows are added in the order of the list.
"""

import llvmlite.binding
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from spikewatt.compute.numba_cache import compiled
from spikewatt.stack.fast.vectors import BOOL, I64, Vectors, data

# Vectors of a sum that are held at once: registers for them, and some to spare.
HELD = 8 if llvmlite.binding.get_host_cpu_features().get("avx512f") else 4
NAMES = ("sums", "at", "rows", "lanes", "vector", "address", "scale", "lo", "hi")
NAMES += ("shift",)


def _adding(held, chains=1):
    """The loop, for sums of so many vectors in so many chains; see `add_rows`."""

    @intrinsic
    def add(context, sums, at, rows, lanes, vector, address, scale, lo, hi, shift):
        given = (sums, at, rows, lanes, vector, address, scale, lo, hi, shift)
        return types.void(*given), _loop(held, chains)

    return add


def _loop(count, chains):
    def write(context, builder, signature, args):
        kinds = dict(zip(NAMES, signature.args, strict=True))
        given = dict(zip(NAMES, args, strict=True))
        arrays = {
            name: data(context, builder, kinds[name], given[name])
            for name in ("sums", "rows", "address", "scale")
            if kinds[name] != types.none
        }
        sums, rows = (
            Vectors(builder, context.get_data_type(kinds[name].dtype))
            for name in ("sums", "rows")
        )
        bits = kinds["rows"].dtype == types.uint16
        rows.count = sums.count
        column = builder.mul(given["vector"], ir.Constant(I64, sums.count))
        target = builder.gep(arrays["sums"], [builder.add(given["at"], column)])
        first = builder.gep(arrays["rows"], [given["vector"] if bits else column])
        held = [
            [cgutils.alloca_once(builder, sums.type) for _ in range(count)]
            for _ in range(chains)
        ]
        for number, one in enumerate(held[0]):
            builder.store(sums.load(target, number), one)
        for one in (one for chain in held[1:] for one in chain):
            builder.store(sums.zeros, one)

        def add(event, chain):
            chosen = builder.load(builder.gep(arrays["address"], [event]))
            row = builder.sub(builder.sext(chosen, I64), given["shift"])
            source = builder.gep(first, [builder.mul(row, given["lanes"])])
            factor = None
            if "scale" in arrays:
                value = builder.load(builder.gep(arrays["scale"], [event]))
                factor = sums.spread(value)
            for number, one in enumerate(held[chain]):
                if bits:
                    term = _where(sums, source, number, factor)
                else:
                    term = rows.load(source, number)
                other = None if bits else factor
                builder.store(_plus(sums, builder.load(one), term, other), one)

        lo, hi, one = given["lo"], given["hi"], ir.Constant(I64, 1)
        if chains > 1:
            step = ir.Constant(I64, chains)
            length = builder.sub(hi, lo)
            middle = builder.sub(hi, builder.srem(length, step))
            with cgutils.for_range_slice(builder, lo, middle, step, I64) as (e, _):
                for chain in range(chains):
                    add(builder.add(e, ir.Constant(I64, chain)), chain)
            lo = middle
        with cgutils.for_range_slice(builder, lo, hi, one, I64) as (e, _):
            add(e, 0)
        for number, one in enumerate(held[0]):
            total = builder.load(one)
            for chain in held[1:]:
                total = _plus(sums, total, builder.load(chain[number]), None)
            sums.store(total, target, number)
        return context.get_dummy_value()

    return write


def _where(sums, words, number, factor):
    """`factor` where the bits of a word are set, 0 elsewhere."""
    builder = sums.builder
    place = builder.gep(words, [ir.Constant(I64, number)])
    mask = builder.bitcast(builder.load(place), ir.VectorType(BOOL, sums.count))
    return builder.select(mask, factor, sums.zeros)


def _plus(sums, total, term, factor):
    """total + term · factor, `term` as wide as the sum."""
    builder = sums.builder
    if term.type != sums.type:
        term = builder.sext(term, sums.type)
    if not sums.real:
        return builder.add(total, term)
    if factor is None:
        return builder.fadd(total, term)
    term = builder.fmul(term, factor, flags=("contract",))
    return builder.fadd(total, term, flags=("contract",))


_add_1, _add_2, _add_4, _add_8 = (_adding(count) for count in (1, 2, 4, 8))
# An addition of floats waits for the one before it: several chains of them wait less.
_chains_1, _chains_2, _chains_4 = _adding(1, 4), _adding(2, 4), _adding(4, 2)


@compiled(forceinline=True)
def add_rows(sums, at, lanes, vectors, rows, address, lo, hi, shift):
    """sums[at + n] += Σ rows[(address[e] − shift)·lanes + n] for e = lo…hi − 1.

    sums, rows: flat, of the same kind, or integers of which a row's are narrower;
    n = 0…lanes − 1, whole vectors of the sums (`vectors.padded`, `vectors_of`).
    address: int32. In the order of the list.
    """
    done = 0
    while HELD >= 8 and done + 8 <= vectors:
        _add_8(sums, at, rows, lanes, done, address, None, lo, hi, shift)
        done += 8
    while done + 4 <= vectors:
        _add_4(sums, at, rows, lanes, done, address, None, lo, hi, shift)
        done += 4
    if done + 2 <= vectors:
        _add_2(sums, at, rows, lanes, done, address, None, lo, hi, shift)
        done += 2
    if done < vectors:
        _add_1(sums, at, rows, lanes, done, address, None, lo, hi, shift)


@compiled(forceinline=True)
def add_freely(sums, at, lanes, vectors, rows, address, scale, lo, hi, shift):
    """As `add_rows`, in an order of its own, each row times scale[e].

    scale: of the kind of the sums, a product of floats is rounded together with its
    sum; None: 1. rows: also of bits, uint16 words of which a row has `lanes`, one for
    each vector of 16 sums.
    """
    done = 0
    while HELD >= 8 and done + 8 <= vectors:
        _add_8(sums, at, rows, lanes, done, address, scale, lo, hi, shift)
        done += 8
    while done + 4 <= vectors:
        _chains_4(sums, at, rows, lanes, done, address, scale, lo, hi, shift)
        done += 4
    if done + 2 <= vectors:
        _chains_2(sums, at, rows, lanes, done, address, scale, lo, hi, shift)
        done += 2
    if done < vectors:
        _chains_1(sums, at, rows, lanes, done, address, scale, lo, hi, shift)
