"""Looks at 32 bytes at once, in one instruction where the processor has one: so the ends of fields are found at the speed of memory.

The one place that writes LLVM's instructions. Only compiled code may call these, and only where so many bytes are left in the buffer.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

WIDTH = 32  # bytes
_BYTE, _WORD = ir.IntType(8), ir.IntType(64)
_VECTOR = ir.VectorType(_BYTE, WIDTH)

Code = Callable[[Any, Any, Any, Any], Any]


def _instruction(made: Callable[..., tuple[Any, Code]]) -> Any:
    """What compiled code calls, from what makes its signature and its code."""
    return intrinsic(made)


@_instruction
def equal(_: Any, buf: Any, at: Any, byte: Any) -> tuple[Any, Code]:  # noqa: ARG001
    """Which of the bytes from a position on are the same as one: a bit for each, the first the lowest."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), args[2], ir.Constant(ir.IntType(32), 0))
        all_ = builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH))
        return _bits(builder, builder.icmp_unsigned("==", _load(context, builder, signature.args[0], args, _VECTOR), all_))

    return types.uint64(buf, types.intp, types.uint8), code


@_instruction
def alphanumeric(_: Any, buf: Any, at: Any) -> tuple[Any, Code]:  # noqa: ARG001
    """Which of the bytes from a position on are ASCII letters and digits: a bit for each, the first the lowest."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        text = _load(context, builder, signature.args[0], args, _VECTOR)
        digit = builder.icmp_unsigned("<", builder.sub(text, _all(ord("0"))), _all(10))
        letter = builder.icmp_unsigned("<", builder.sub(builder.or_(text, _all(0x20)), _all(ord("a"))), _all(26))
        return _bits(builder, builder.or_(digit, letter))

    return types.uint64(buf, types.intp), code


@_instruction
def word(_: Any, buf: Any, at: Any) -> tuple[Any, Code]:  # noqa: ARG001
    """The eight bytes from a position on, as one number."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _load(context, builder, signature.args[0], args, _WORD)

    return types.uint64(buf, types.intp), code


@_instruction
def lowest(_: Any, bits: Any) -> tuple[Any, Code]:  # noqa: ARG001
    """The place of the lowest bit that is set; 64 where none is."""

    def code(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.intp(types.uint64), code


def _load(context: Any, builder: Any, array: Any, args: Any, kind: Any) -> Any:
    """What stands at a position of an array of bytes, whether it is aligned or not."""
    data = context.make_array(array)(context, builder, args[0]).data
    loaded = builder.load(builder.bitcast(builder.gep(data, [args[1]]), kind.as_pointer()))
    loaded.align = 1
    return loaded


def _all(byte: int) -> Any:
    return ir.Constant(_VECTOR, [byte] * WIDTH)


def _bits(builder: Any, found: Any) -> Any:
    return builder.zext(builder.bitcast(found, ir.IntType(WIDTH)), _WORD)
