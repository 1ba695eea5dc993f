"""Does `pulumi up` ever hang on the simulated vCenter? Many rounds of `up` and `destroy`, several at a time.

    python benchmarks/up_soak.py [--rounds 200] [--parallel 4] [--timeout 120]

One simulator serves all rounds; each round is a stack of its own with a folder and two VMs, which the engine makes in
parallel. A round that takes longer than the timeout counts as hung and is ended. The tools (pulumi, its language host and
provider, vcsim) come from PATH. It deliberately measures no speed, and is no part of the tests: a run takes many minutes.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import simulator

TOOLS = ("pulumi", "pulumi-language-python", "pulumi-resource-vsphere", "vcsim")
SITE = """
datacenter: soak
clusters:
  - name: mail
    hosts:
      - {name: esx-1.soak.example, cpus: 64, memory_gib: 512, adapters: [{device: vmhba64, fabric: iscsi, paths: 2}]}
      - {name: esx-2.soak.example, cpus: 64, memory_gib: 512, adapters: [{device: vmhba64, fabric: iscsi, paths: 2}]}
networks: [mail]
luns:
  - {naa: naa.60003ff44dc75adc0000000000000001, size_gib: 2000, fabric: iscsi}
datastores:
  - {name: mail, lun: naa.60003ff44dc75adc0000000000000001}
"""
PROGRAM = """
import pulumi
import pulumi_vsphere as vsphere

dc = vsphere.get_datacenter(name="soak")
cluster = vsphere.get_compute_cluster(name="mail", datacenter_id=dc.id)
datastore = vsphere.get_datastore(name="mail", datacenter_id=dc.id)
network = vsphere.get_network(name="mail", datacenter_id=dc.id)
stack = pulumi.get_stack()
folder = vsphere.Folder("folder", path=stack, type="vm", datacenter_id=dc.id)
for number in (1, 2):
    vsphere.VirtualMachine(
        f"vm-{number}", name=f"{stack}-vm-{number}", folder=folder.path, resource_pool_id=cluster.resource_pool_id,
        datastore_id=datastore.id, guest_id="other3xLinux64Guest", num_cpus=1, memory=512,
        disks=[vsphere.VirtualMachineDiskArgs(label="os", size=5, unit_number=0)],
        network_interfaces=[vsphere.VirtualMachineNetworkInterfaceArgs(network_id=network.id)],
        wait_for_guest_net_timeout=0, wait_for_guest_ip_timeout=0,
    )
"""


def main() -> int:
    """Run the rounds and print what became of them; 0 when all passed."""
    options = _options()
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        print(f"not on PATH: {', '.join(missing)}", file=sys.stderr)
        return 2
    counted: Counter[str] = Counter()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as scratch:
        folder = Path(scratch)
        (folder / "site.yaml").write_text(SITE, encoding="utf-8")
        with (
            simulator.running(folder / "site.yaml", Path(shutil.which("vcsim") or ""), folder / "simulator") as server,
            ThreadPoolExecutor(options.parallel) as pool,
        ):
            for outcome in pool.map(lambda number: _round(folder, number, server, options.timeout), range(1, options.rounds + 1)):
                counted[outcome] += 1
                done = counted.total()
                if done % 10 == 0 or outcome != "passed":
                    print(f"{done}/{options.rounds} after {time.monotonic() - started:.0f} s: {dict(counted)}", flush=True)
    print(f"rounds {counted.total()}, failed {counted['failed']}, hung {counted['hung']}")
    return 0 if counted["passed"] == options.rounds else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--parallel", type=int, default=4, help="how many at a time (default 4)")
    parser.add_argument("--timeout", type=float, default=120, help="seconds that each up and each destroy may take (default 120)")
    return parser.parse_args()


def _round(folder: Path, number: int, server: simulator.Simulator, timeout: float) -> str:
    """One `up` and one `destroy`: passed, failed or hung; the output of a round that did not pass is printed."""
    project = folder / f"round-{number}"
    (project / "state").mkdir(parents=True)
    (project / "Pulumi.yaml").write_text("name: soak\nruntime: python\n", encoding="utf-8")
    (project / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    environment = (
        os.environ
        | server.environment
        | {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "PULUMI_BACKEND_URL": f"file://{project / 'state'}",
            "PULUMI_HOME": str(project / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "soak",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
    )
    for command in (["stack", "init", f"r{number}"], ["up", "--yes", "--skip-preview"], ["destroy", "--yes", "--skip-preview"]):
        outcome, said = _bounded(["pulumi", *command, "--non-interactive"], project, environment, timeout)
        if outcome != "passed":
            print(f"round {number}: {' '.join(command)} {outcome}\n{said}", flush=True)
            return outcome
    shutil.rmtree(project)
    return "passed"


def _bounded(command: list[str], folder: Path, environment: dict[str, str], timeout: float) -> tuple[str, str]:
    """Run a command with all its children in a process group of their own, which ends with the timeout."""
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            return "hung", said
        return ("passed" if process.returncode == 0 else "failed"), said


if __name__ == "__main__":
    sys.exit(main())
