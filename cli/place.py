"""`place`: a LUN and a host for each server whose stack names none."""

from pathlib import Path
from typing import Annotated

import typer

import config
from cli import show
from cli.stacks import Json, Stack, located
from config import placing
from plan import choosing


def place(
    stack: Stack,
    write: Annotated[bool, typer.Option("--write", help="Write what is chosen into the stack file; the rest of it stays.")] = False,
    luns_only: Annotated[bool, typer.Option("--luns-only", help="Choose no hosts: DRS decides where a VM is first powered on.")] = False,
    as_json: Json = False,
) -> None:
    """Choose a LUN and a host for each server that names none, with room, apart from others of its role. Exit 1 if there is no room."""
    path = located(stack)
    file = config.read(path)
    try:
        if file.problems:
            raise config.Refused(file.problems)
        chosen = choosing.choose(file.sections, with_hosts=not luns_only)
        if chosen.problems:
            raise config.Refused(config.located(chosen.problems, file))
        if write and chosen.values:
            _write(path, file, chosen.values)
    except config.Refused as refused:
        show.problems(config.Refused(config.located(refused.problems, file)).problems)
        raise typer.Exit(1) from None
    if as_json:
        show.data(chosen.values)
    elif not chosen.values:
        show.line(f"{stack}: every server names its LUN" + ("" if luns_only else " and its host") + ", nothing is left to choose")
    else:
        _show(chosen)
        show.line(f"written into {file.name}" if write else "nothing is written: add --write to put this into the stack file")
        for problem in chosen.others:
            show.line(f"mailstead check will still refuse: {problem}", style="yellow")


def _write(path: Path, file: config.StackFile, chosen: placing.Values) -> None:
    """The file anew, in one step: as it was with what was chosen, or not at all.

    Raises:
        Refused: the file is laid out in a way that no line can be added to; it is as it was.
    """
    text = path.read_bytes().decode("utf-8")
    target = path.resolve()
    new = target.with_name(f".{target.name}.new")
    new.write_bytes(placing.written(text, chosen).encode("utf-8"))
    if dict(config.read(new).sections) != placing.placed(file.sections, chosen):
        new.unlink()
        rule, remedy = "can't be written beside keys that are laid out so", "write the key yourself"
        keys = [(f"{server}.{key}", value) for server, values in chosen.items() for key, value in values.items()]
        raise config.Refused([config.Problem(key, value, rule, remedy) for key, value in keys])
    new.chmod(target.stat().st_mode & 0o777)
    new.replace(target)


def _show(chosen: choosing.Chosen) -> None:
    """The LUN and host of each server that named none, and what each LUN and host then carries."""
    plan = chosen.plan
    servers = show.empty_table("Chosen", "server", "LUN", "fabric", "host")
    for path, values in chosen.values.items():
        lun = values.get("lun", "")
        servers.add_row(path, lun, plan.datastore(lun).fabric if lun else "", values.get("host", ""))
    show.console().print(servers)
    if chosen.luns:
        luns = show.empty_table("LUNs with these servers", "LUN", "GiB", "needed GiB")
        for need in plan.sizing.datastores:
            luns.add_row(need.lun, f"{need.declared_gib:g}", f"{need.required_gib:.1f}")
        show.console().print(luns)
    if chosen.hosts:
        hosts = show.empty_table("Hosts with these servers", "host", "VMs", "memory GiB", "of GiB")
        for host in plan.place.hosts:
            vms = [vm for vm in plan.vms if vm.host == host]
            has = plan.place.host_memory_gib.get(host)
            hosts.add_row(host, str(len(vms)), f"{sum(vm.memory_gib for vm in vms):g}", f"{has:g}" if has else "")
        show.console().print(hosts)
