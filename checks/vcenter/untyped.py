"""pyVmomi's types, which it makes at run time and so have no annotations: the one place where that is said."""

from typing import Any

from pyVmomi import vim as _vim
from pyVmomi import vmodl as _vmodl

vim: Any = _vim
vmodl: Any = _vmodl
