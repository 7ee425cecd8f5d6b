"""A Slurm of one node in a folder, started by hand: no systemd, no accounting.

As the user who runs the tests, with a key of its own, so that nobody else is let in.
"""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "srun", "scancel")
PLACES = ("/usr/sbin", "/usr/local/sbin", "/sbin")
WAIT_S = 15
CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
# No cgroups: they would ask for systemd.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=100000
MpiDefault=none
ReturnToService=2
MinJobAge=300
KillWait=5
InactiveLimit=0
Waittime=0
MailProg=/bin/true
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:1
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""
# The plugin's job steps lose every variable of Slurm's, this one too.
SRUN = """#!/bin/sh
SLURM_CONF={folder}/slurm.conf exec {srun} "$@"
"""
# A GPU that is there for the asking alone: no device stands behind it.
GRES = "Name=gpu File=/dev/null\n"


def missing():
    """The tools of Slurm that are not here."""
    return [name for name in TOOLS if not tool(name)]


def tool(name):
    """The path of a tool; Debian keeps daemons where users do not look."""
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *PLACES]))


class Cluster:
    """A running Slurm; `env` are the variables by which its commands find it."""

    def __init__(self, folder, cpus=2, memory=16000):
        self.folder = Path(folder)
        bin_folder = self.folder / "bin"
        self.env = {
            "SLURM_CONF": str(self.folder / "slurm.conf"),
            "PATH": os.pathsep.join([str(bin_folder), os.environ["PATH"]]),
        }
        self._daemons = []
        host = socket.gethostname().partition(".")[0]
        words = {"folder": self.folder, "host": host, "cpus": cpus, "memory": memory}
        words |= {"user": getpass.getuser()}
        words |= dict(zip(("controller", "node"), free_ports(2), strict=True))
        for name in ("state", "spool", "bin"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "slurm.conf").write_text(CONF.format(**words))
        (self.folder / "gres.conf").write_text(GRES.format(**words))
        srun = bin_folder / "srun"
        srun.write_text(SRUN.format(folder=self.folder, srun=tool("srun")))
        srun.chmod(0o755)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)

    def start(self):
        """Start its three daemons and wait until the node takes jobs."""
        self.folder.chmod(0o755)  # munged trusts no folder that others may write to
        self._start(
            *("munged", "--foreground", "--force", "--num-threads=2"),
            *(
                f"--{name}={self.folder}/munge.{name}"
                for name in ("socket", "pid-file")
            ),
            f"--key-file={self.folder}/munge.key",
            f"--seed-file={self.folder}/munge.seed",
            f"--log-file={self.folder}/munge.log",
        )
        self._await(lambda: (self.folder / "munge.socket").exists(), "munged")
        self._start("slurmctld", "-D", "-i", "-f", self.env["SLURM_CONF"])
        self._start("slurmd", "-D", "-f", self.env["SLURM_CONF"])
        self._await(lambda: "idle" in self.run("sinfo", "-h", "-o", "%T"), "the node")

    def stop(self):
        """End all jobs, then the daemons, the last one first."""
        self.run("scancel", "--user", getpass.getuser())
        deadline = time.monotonic() + 15
        while self.run("squeue", "-h").strip() and time.monotonic() < deadline:
            time.sleep(0.2)
        for process in reversed(self._daemons):
            end(process)

    def run(self, *command):
        """What a command of Slurm writes."""
        done = subprocess.run(
            command, env=os.environ | self.env, capture_output=True, text=True
        )
        return done.stdout

    def jobs(self):
        """Jobs that wait or run: a dict of number → (state, comment)."""
        lines = self.run("squeue", "-h", "-o", "%i|%T|%k").splitlines()
        return {number: (state, told) for number, state, told in map(_split, lines)}

    def logs(self):
        """The ends of the daemons' logs, for a test that failed."""
        return "\n".join(
            f"{path.name}:\n{path.read_text(errors='replace')[-2000:]}"
            for path in sorted(self.folder.glob("*.log"))
        )

    def _start(self, name, *arguments):
        output = (self.folder / f"{name}.out.log").open("w")
        with output:
            self._daemons.append(
                subprocess.Popen(
                    [tool(name), *arguments],
                    env=os.environ | self.env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    def _await(self, true, what):
        deadline = time.monotonic() + WAIT_S
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not start:\n{self.logs()}")
            time.sleep(0.1)


def _split(line):
    return line.split("|", 2)


def end(process):
    """End a daemon, and kill it where it does not."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_ports(count):
    """Ports that nobody listens at."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
