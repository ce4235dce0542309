"""JupyterHub for one class on one server. Learners are Linux users of this machine. See classroom/README.md."""

import asyncio
import ipaddress
import os
import pwd
import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parents[2]
BIN = Path(sys.prefix, "bin")
STATE = Path(os.environ.get("CLASS_STATE", "/srv/class"))  # the lessons that learners get, and what the hub remembers
ADDRESS, PORT = os.environ.get("CLASS_ADDRESS", "127.0.0.1"), os.environ.get("CLASS_PORT", "8000")
CERTIFICATE, KEY = os.environ.get("CLASS_CERTIFICATE", ""), os.environ.get("CLASS_KEY", "")
MEMORY = int(float(os.environ.get("CLASS_MEMORY", "2")) * 2**30)  # the most that one learner may take; given in GiB
IDLE = 3600  # seconds without work after which a learner's server ends; what is saved stays

if not ipaddress.ip_address(ADDRESS).is_loopback and not (CERTIFICATE and KEY):
    sys.exit(f"{ADDRESS} is open to the network, which could read passwords: set CLASS_CERTIFICATE and CLASS_KEY.")

c = get_config()  # noqa: F821 (JupyterHub gives it)
c.JupyterHub.bind_url = f"http{'s' * bool(CERTIFICATE)}://{ADDRESS}:{PORT}"
c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = CERTIFICATE, KEY
c.JupyterHub.db_url = f"sqlite:///{STATE}/hub/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{STATE}/hub/cookie_secret"
c.ConfigurableHTTPProxy.command = str(BIN / "configurable-http-proxy")
c.ConfigurableHTTPProxy.pid_file = f"{STATE}/hub/proxy.pid"

c.JupyterHub.authenticator_class = "pam"  # the passwords of Linux users
c.LocalAuthenticator.allowed_groups = {"learners"}
c.LocalAuthenticator.admin_groups = {"teachers"}

# One environment and one data folder for all. One thread for each kernel: many learners, few cores.
c.Spawner.environment = {
    "PATH": f"{BIN}:/usr/bin:/bin",
    "PYTHONPATH": str(COURSE),
    "COURSE_DATA": str(COURSE / "data"),
    "JUPYTER_CONFIG_PATH": str(COURSE / "jupyter"),
    "JUPYTER_PREFER_ENV_PATH": "1",
    "OMP_NUM_THREADS": "1",
}
# Kernels talk through files in the learner's home: anyone on this machine can listen at a TCP port.
c.Spawner.args = ["--KernelManager.transport=ipc", "--MappingKernelManager.cull_idle_timeout=1200"]
c.Spawner.cmd = [str(BIN / "jupyterhub-singleuser")]
c.Spawner.notebook_dir, c.Spawner.default_url = "~/lessons", "/lab/tree/00_start_here.ipynb"
c.Spawner.start_timeout = c.Spawner.http_timeout = 180  # a whole class at once
if Path("/run/systemd/system").is_dir():
    c.JupyterHub.spawner_class = "systemd"
    c.SystemdSpawner.mem_limit, c.SystemdSpawner.cpu_limit, c.SystemdSpawner.isolate_tmp = MEMORY, 1.0, True
    c.SystemdSpawner.unit_extra_properties = {"ProtectProc": "invisible", "TasksMax": "500"}
else:
    print("No systemd runs here: memory is limited for each process, not for each learner, and cores are not.")
    c.JupyterHub.spawner_class = "localprocess"
    c.Spawner.cmd = ["prlimit", f"--data={MEMORY}", *c.Spawner.cmd]


async def bring_lessons(spawner):
    """Bring the learner's copy of the lessons up to date, as that user."""
    user = pwd.getpwnam(spawner.user.name)
    puller = [sys.executable, "-m", "nbgitpuller.pull", f"file://{STATE}/lessons", "main", "lessons"]
    ids = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    process = await asyncio.create_subprocess_exec(*puller, cwd=user.pw_dir, env={"HOME": user.pw_dir}, **ids)
    if await process.wait():
        spawner.log.error("The lessons of %s could not be brought up to date.", user.pw_name)


c.Spawner.pre_spawn_hook = bring_lessons

culler = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE}"]
c.JupyterHub.services = [{"name": "culler", "command": culler}]
scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
c.JupyterHub.load_roles = [{"name": "culler", "scopes": scopes, "services": ["culler"]}]
