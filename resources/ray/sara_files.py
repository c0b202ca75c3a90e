"""Small jobs about files and nodes: `probe`, `have`, `take`, `send`. Answers are `@sara ` lines of JSON."""

import base64
import hashlib
import json
import os
import shutil
import sys

from sara_storage import Storage, StorageError

# Bytes of a line of `send`; a multiple of 3, so that lines can be joined.
LINE = 3 << 14


def say(**content):
    print("@sara " + json.dumps(content, separators=(",", ":")), flush=True)


def have(storage, names):
    """Which of the pieces are in the storage already."""
    say(have=[name for name in names if storage.exists(f"blobs/{name}")])


def take(storage, names):
    """Puts the pieces that came with this job into the storage."""
    for folder in sys.path:
        for name in names:
            path = os.path.join(folder, "pieces", name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                if hashlib.sha256(file.read()).hexdigest() != name:
                    raise StorageError(f"The piece {name} did not arrive whole: start again.")
            storage.put(path, f"blobs/{name}")
    missing = [name for name in names if not storage.exists(f"blobs/{name}")]
    if missing:
        raise StorageError(f"{len(missing)} pieces did not arrive: start again.")
    say(taken=len(names))


def send(storage, place):
    """The newest checkpoint of a trial, with the hash of what is sent."""
    content = storage.read(f"{place}/latest.json")
    if content is None:
        raise StorageError("The trial has no checkpoint in the storage yet: wait until its first evaluation.")
    latest = json.loads(content)
    say(latest=latest)
    with open_piece(storage, f"{place}/{latest['file']}") as file:
        while chunk := file.read(LINE):
            print("@data " + base64.b64encode(chunk).decode(), flush=False)
    say(sent=True)


def open_piece(storage, name):
    return storage.fs.open(storage.path(name), "rb") if storage.fs else open(storage.path(name), "rb")


def probe(storage_root, gpus):
    """What every node is and has."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ray.init(log_to_driver=False)

    @ray.remote(num_cpus=0)
    def look():
        import platform

        import sara_engine

        facts = {"platform": f"{sys.platform}-{platform.machine()}", "ready": sara_engine.is_ready(gpus)}
        try:
            facts["node"] = sara_engine.find_node()[1]
            if os.environ.get("SARA_ENGINE_MODULES"):
                sara_engine.check_modules(os.environ["SARA_ENGINE_MODULES"])
        except sara_engine.EngineError as error:
            facts["problem"] = str(error)
        if sys.platform != "linux":
            facts["problem"] = "Trials run on Linux nodes alone."
        os.makedirs(sara_engine.cache_folder(), exist_ok=True)
        facts["freeDiskBytes"] = shutil.disk_usage(sara_engine.cache_folder()).free
        try:
            mark = f"probe/{os.urandom(8).hex()}"
            storage = Storage(storage_root)
            storage.write(mark, b"sara")
            facts["mark"] = mark
            facts["storageFree"] = storage.free_bytes()
        except (StorageError, OSError) as error:
            facts["storageProblem"] = str(error)
        return facts

    nodes = [node for node in ray.nodes() if node["Alive"]]
    asked = [
        look.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)).remote() for node in nodes
    ]
    facts = []
    for node, answer in zip(nodes, asked):
        try:
            found = ray.get(answer, timeout=60)
        except Exception as error:  # noqa: BLE001 - one node that does not answer must not hide the others
            found = {"platform": "unknown", "ready": False, "freeDiskBytes": 0, "problem": f"The node does not answer: {type(error).__name__}."}
        has = node["Resources"]
        place = {"id": node["NodeID"], "address": node["NodeManagerAddress"]}
        size = {"cpus": has.get("CPU", 0), "gpus": has.get("GPU", 0), "memoryBytes": int(has.get("memory", 0))}
        facts.append({**place, **size, **found})
    storage = Storage(storage_root)
    for node in facts:
        mark = node.pop("mark", None)
        if mark is None:
            continue
        # Written by the node, read here: else the folder is not the same one everywhere.
        if storage.read(mark) != b"sara":
            node["storageProblem"] = "What this node writes to the storage is not seen by the others."
        storage.remove(mark)
    say(probe=facts, ray=ray.__version__)


def main():
    action, root, *rest = sys.argv[1:]
    try:
        if action == "probe":
            probe(root, float(rest[0]))
        elif action == "send":
            send(Storage(root), rest[0])
        else:
            with open(rest[0]) as file:
                {"have": have, "take": take}[action](Storage(root), json.load(file))
    except (StorageError, OSError) as error:
        say(failure=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
