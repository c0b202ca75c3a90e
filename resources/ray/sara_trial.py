"""One trial: inputs from the storage, the engine as a process of its own, checkpoints back into the storage.

A trial that is started again, on this node or another, goes on from its newest checkpoint in the storage.
"""

import errno
import json
import os
import re
import shutil
import socket
import tempfile
import threading
import time
import zipfile

import sara_engine
from sara_storage import Storage, StorageError, sha256_of

# Seconds between two reports of steps.
REPORT_INTERVAL = 2.0
# What the settings lead to wherever they are trained: another attempt would give the same.
LASTING = ("NON_FINITE", "SETTINGS_INVALID")


class TrialError(Exception):
    """A sentence with the node that it happened on."""


class Trial:
    def __init__(self, plan, number, report):
        self.plan, self.number, self.report = plan, number, report
        self.spec = plan["trials"][number - 1]
        self.storage = Storage(plan["storage"])
        self.place = f"sweeps/{plan['id']}/{self.spec['key']}"
        self.node = socket.gethostname()
        self.outcome = {"state": "running", "step": 0, "totalSteps": 0, "evaluations": [], "node": self.node}
        self.events, self.last_report, self.begun = [], 0.0, time.monotonic()

    def run(self):
        stored = self.storage.read(f"{self.place}/outcome.json")
        if stored is not None:
            self.outcome = json.loads(stored)
            return self._tell(True)
        resources = self.plan["resources"]
        modules = sara_engine.ensure_modules(resources["gpus"], self._note)
        scratch = _scratch()
        try:
            config = self._inputs(scratch)
            run = os.path.join(scratch, "run")
            resumed = self._restore(run, config)
            command = ["resume", run] if resumed else ["train", config["model"], "--config", self._write(scratch, config), "--out", run]
            self._follow(sara_engine.start(modules, resources["cpus"], [*command, "--json", "--all-events"], scratch), run)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _write(self, scratch, config):
        path = os.path.join(scratch, "config.json")
        with open(path, "w") as file:
            json.dump(config, file)
        return path

    # -- inputs

    def _inputs(self, scratch):
        """The configuration with the places of this node."""
        config = json.loads(json.dumps(self.spec["config"]))
        config["model"] = self._local(config["model"])
        data = config["data"]
        for name in ("path", "validationPath"):
            if name in data:
                data[name] = self._local(data[name])
        return config

    def _local(self, place):
        if place.startswith("cluster:"):
            path = place.removeprefix("cluster:")
            if not os.path.exists(path):
                raise TrialError(f"{path} is not there on node {self.node}: put it where every node sees it.")
            return path
        if place.startswith("hf:"):
            return self._from_hub(place.removeprefix("hf:"))
        return self._from_upload(self.plan["uploads"][place])

    def _from_hub(self, name):
        try:
            from huggingface_hub import snapshot_download
        except ImportError as error:
            raise TrialError(f"huggingface_hub is missing on node {self.node}: pip install huggingface_hub, or give the model as an upload.") from error
        repository, _, revision = name.partition("@")
        return snapshot_download(repository, revision=revision or None)

    def _from_upload(self, upload):
        """A file or folder that was uploaded, put together from the cache of this node."""
        cache = os.path.join(sara_engine.cache_folder(), "blobs")
        os.makedirs(cache, exist_ok=True)
        root = os.path.join(cache, "trees", upload["key"])
        for entry in upload["files"]:
            blob = os.path.join(cache, entry["sha256"])
            if not os.path.exists(blob):
                unfinished = f"{blob}.{os.getpid()}.tmp"
                self._fetch(entry, unfinished)
                os.replace(unfinished, blob)
            path = os.path.join(root, *entry["name"].split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if not os.path.exists(path):
                link = f"{path}.{os.getpid()}.tmp"
                os.link(blob, link)
                os.replace(link, path)
        return os.path.join(root, upload["root"])

    def _fetch(self, entry, target):
        with open(target, "wb") as whole:
            for part in entry["parts"]:
                piece = f"{target}.part"
                try:
                    self.storage.get(f"blobs/{part}", piece)
                except FileNotFoundError as error:
                    raise TrialError(f"{entry['name']} is no longer in the storage: start again, it is uploaded anew.") from error
                with open(piece, "rb") as file:
                    shutil.copyfileobj(file, whole)
                os.remove(piece)
        if sha256_of(target) != entry["sha256"]:
            os.remove(target)
            raise TrialError(f"{entry['name']} in the storage does not match its checksum: delete it there and start again.")

    # -- checkpoints

    def _restore(self, run, config):
        """Brings the run as it was at its newest checkpoint in the storage. False where there is none."""
        content = self.storage.read(f"{self.place}/latest.json")
        if content is None:
            return False
        latest = json.loads(content)
        archive = f"{run}.zip"
        self.storage.get(f"{self.place}/{latest['file']}", archive)
        if sha256_of(archive) != latest["sha256"]:
            raise TrialError(f"The checkpoint {latest['file']} of trial {self.number} in the storage does not match its checksum: delete {self.place} there and start again.")
        with zipfile.ZipFile(archive) as pack:
            pack.extractall(run)
        os.remove(archive)
        path = os.path.join(run, "run.json")
        with open(path) as file:
            record = json.load(file)
        record["model"]["path"] = config["model"]
        record["config"] = config
        record["state"] = "stopped"
        with open(path, "w") as file:
            json.dump(record, file)
        reached = json.loads(self.storage.read(f"{self.place}/reached.json") or b"{}")
        self.outcome = {**latest["outcome"], "step": max(latest["outcome"]["step"], reached.get("step", 0)), "node": self.node}
        self.begun -= latest["outcome"].get("seconds", 0)
        return True

    def _save(self, run):
        step = self.outcome["step"]
        self.outcome["seconds"] = round(time.monotonic() - self.begun, 2)
        archive = f"{run}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as pack:
            for folder, _, files in os.walk(run):
                for name in files:
                    path = os.path.join(folder, name)
                    inside = os.path.relpath(path, run)
                    if not inside.startswith("run.lock") and "/." not in f"/{inside}":
                        pack.write(path, inside)
        before = self.storage.read(f"{self.place}/latest.json")
        name = f"step-{step:06d}-{os.urandom(4).hex()}.zip"
        latest = {"file": name, "sha256": sha256_of(archive), "bytes": os.path.getsize(archive), "step": step, "outcome": self.outcome}
        self.storage.put(archive, f"{self.place}/{name}")
        self.storage.write(f"{self.place}/latest.json", json.dumps(latest).encode())
        if before is not None:
            self.storage.remove(f"{self.place}/{json.loads(before)['file']}")
        os.remove(archive)

    # -- the engine's events

    def _follow(self, engine, run):
        errors = []
        reader = threading.Thread(target=lambda: errors.extend(engine.stderr), daemon=True)
        reader.start()
        try:
            for line in engine.stdout:
                if line.startswith("{"):
                    self._take(json.loads(line), run)
        except BaseException:
            engine.kill()
            raise
        ended = engine.wait()
        reader.join(timeout=5)
        if ended == 0:
            self.outcome["state"] = "done"
            # The record of the run says now that it is done.
            self._save(run)
            return self._end({"state": "done"})
        text = (errors or ["the engine ended without a word"])[-1].strip()
        code = (re.findall(r"\[([A-Z_]+)\]$", text) or ["ENGINE_STOPPED"])[0]
        message = text.removesuffix(f"[{code}]").strip()
        if code in LASTING:
            return self._end({"state": "failed", "error": {"code": code, "message": message}})
        raise TrialError(f"Trial {self.number} on node {self.node}: {message} [{code}]")

    def _take(self, event, run):
        kind, outcome = event.get("event"), self.outcome
        if kind == "start":
            again = max(0, outcome["step"] - event["fromStep"]) + outcome.get("repeatedSteps", 0)
            outcome.update(step=event["fromStep"], totalSteps=event["steps"], trainable=event["trainable"])
            outcome["evaluations"] = [entry for entry in outcome["evaluations"] if entry["step"] <= event["fromStep"]]
            if again > 0:
                outcome["repeatedSteps"] = again
        elif kind == "step":
            outcome.update(step=event["step"], trainLoss=round(event["loss"], 5))
        elif kind == "eval" and event["step"] == 0:
            outcome["baseLoss"] = event["loss"]
        elif kind == "eval":
            kept = [entry for entry in outcome["evaluations"] if entry["step"] < event["step"]]
            outcome["evaluations"] = [*kept, {"step": event["step"], "loss": event["loss"]}]
        if self.plan["events"] and kind != "phase":
            self.events.append(event)
        if kind == "checkpoint":
            self._save(run)
        self._tell(kind in ("start", "checkpoint"))

    def _tell(self, at_once):
        now = time.monotonic()
        if not at_once and now - self.last_report < REPORT_INTERVAL:
            return
        self.last_report = now
        if self.outcome["state"] == "running" and self.outcome["step"] > 0:
            # So that a trial that goes on elsewhere knows which steps it trains again.
            self.storage.write(f"{self.place}/reached.json", json.dumps({"step": self.outcome["step"]}).encode())
        events, self.events = self.events, []
        # As text: Tune takes nested results apart.
        self.report({"trial": self.number, "told": json.dumps([self.outcome, events])})

    def _note(self, text):
        self.report({"trial": self.number, "note": f"{self.node}: {text}"})

    def _end(self, changes):
        self.outcome.update(changes, seconds=round(time.monotonic() - self.begun, 2))
        self.storage.write(f"{self.place}/outcome.json", json.dumps(self.outcome).encode())
        self._tell(True)


def _scratch():
    """A folder for this process; those of processes that were killed are cleared away."""
    parent = os.path.join(sara_engine.cache_folder(), "scratch")
    os.makedirs(parent, exist_ok=True)
    for name in os.listdir(parent):
        if not os.path.exists(f"/proc/{name.partition('-')[0]}"):
            shutil.rmtree(os.path.join(parent, name), ignore_errors=True)
    return tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=parent)


def train(config, plan):
    """The function that Ray Tune runs."""
    from ray import tune

    try:
        Trial(plan, config["trial"], tune.report).run()
    except (StorageError, sara_engine.EngineError) as error:
        raise TrialError(f"Trial {config['trial']} on node {socket.gethostname()}: {error}") from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        place = sara_engine.cache_folder()
        raise TrialError(f"The disk of node {socket.gethostname()} is full: free some space for {place} there, then start again.") from error
