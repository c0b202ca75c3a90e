"""The job of a sweep: Ray Tune runs a trial for each number of the plan and this program tells of them on its output.

Lines that begin with `@sara ` are JSON for the desktop, numbered from 1 without gaps. Everything that is worth keeping
is in the storage: when this program is killed, the next job goes on where the trials were.
"""

import json
import os
import sys
import tempfile
import time

import ray
from ray import tune
from ray.tune.schedulers import FIFOScheduler, TrialScheduler

import sara_trial
from sara_halving import stops
from sara_storage import Storage

# Seconds between two lines about steps.
INTERVAL = 1.0
OLDEST_RAY = (2, 9)


class Teller:
    """Tells of trials: only what has changed, and evaluations only once."""

    def __init__(self):
        self.lines, self.waiting, self.told, self.last = 0, {}, {}, 0.0

    def line(self, **content):
        self.lines += 1
        print("@sara " + json.dumps({"n": self.lines, **content}, separators=(",", ":")), flush=True)

    def trial(self, number, outcome, events):
        queued = self.waiting.setdefault(number, {"outcome": outcome, "events": []})
        queued["outcome"] = outcome
        queued["events"] += events
        if time.monotonic() - self.last >= INTERVAL or outcome["state"] != "running":
            self.flush()

    def flush(self):
        self.last = time.monotonic()
        told = [self._changes(number, queued["outcome"]) for number, queued in self.waiting.items()]
        trials = [entry for entry in told if entry[1]]
        events = [[number, event] for number, queued in self.waiting.items() for event in _thinned(queued["events"])]
        self.waiting = {}
        if trials or events:
            self.line(t=trials, **({"e": events} if events else {}))

    def _changes(self, number, outcome):
        first = number not in self.told
        before = self.told.get(number, {})
        self.told[number] = outcome
        changed = {name: value for name, value in outcome.items() if before.get(name) != value and name != "evaluations"}
        known = before.get("evaluations", [])
        now = outcome["evaluations"]
        if not first and now[: len(known)] == known:
            added = now[len(known) :]
            return [number, {**changed, **({"+": [[e["step"], e["loss"]] for e in added]} if added else {})}]
        return [number, {**changed, "=": [[e["step"], e["loss"]] for e in now]}]


def _thinned(events):
    """At most four steps of one report: the window draws no more of a second."""
    steps = [event for event in events if event["event"] == "step"]
    kept = {id(event) for event in steps[-1:] + steps[:: max(1, len(steps) // 4)]}
    return [event for event in events if event["event"] != "step" or id(event) in kept]


class Board:
    """What is known of all trials, for the halving."""

    def __init__(self, plan):
        self.stopping = plan.get("stopping")
        self.trials = [{"losses": {}, "final": False, "total": trial["steps"]} for trial in plan["trials"]]
        self.stopped = set()

    def take(self, number, outcome):
        trial = self.trials[number - 1]
        before = (len(trial["losses"]), trial["total"], trial["final"])
        trial["losses"] = {entry["step"]: entry["loss"] for entry in outcome["evaluations"]}
        trial["total"] = outcome["totalSteps"] or trial["total"]
        trial["final"] = trial["final"] or outcome["state"] in ("done", "stopped", "failed")
        if self.stopping and before != (len(trial["losses"]), trial["total"], trial["final"]):
            self.stopped = stops(self.trials, self.stopping["grace"], self.stopping["reduction"])

    def close(self, number):
        self.trials[number - 1]["final"] = True


class InOrder(FIFOScheduler):
    """Trials begin in the order of their numbers and are stopped as the halving says."""

    def __init__(self, board, teller):
        super().__init__()
        self.board, self.teller = board, teller

    def on_trial_result(self, tune_controller, trial, result):
        if "note" in result:
            self.teller.line(note=f"Trial {result['trial']}, {result['note']}")
        if "told" not in result:
            return TrialScheduler.CONTINUE
        outcome, events = json.loads(result["told"])
        number = result["trial"]
        self.board.take(number, outcome)
        stop = number in self.board.stopped and outcome["state"] == "running"
        if stop:
            self.board.close(number)
            outcome = {**outcome, "state": "stopped"}
        self.teller.trial(number, outcome, events)
        return TrialScheduler.STOP if stop else TrialScheduler.CONTINUE


class Failures(tune.Callback):
    """Tells of trials that could not be finished, and of those that go on elsewhere."""

    def __init__(self, teller, board, failures):
        self.teller, self.board, self.most = teller, board, failures

    def on_trial_error(self, iteration, trials, trial, **info):
        number = trial.config["trial"]
        self.board.close(number)
        outcome = {**self.teller.told.get(number, _nothing()), "state": "failed"}
        outcome["error"] = {"code": "TRIAL_FAILED", "message": _sentence(trial)}
        self.teller.trial(number, outcome, [])

    def on_trial_recover(self, iteration, trials, trial, **info):
        self.teller.line(note=f"Trial {trial.config['trial']} was cut off and goes on from its last checkpoint: {_sentence(trial)}")


def _nothing():
    return {"step": 0, "totalSteps": 0, "evaluations": []}


def _sentence(trial):
    """The last line of the reason that tells something."""
    try:
        with open(trial.error_file) as file:
            lines = [line.strip() for line in file if line.strip()]
    except (OSError, TypeError):
        lines = []
    for line in reversed(lines):
        if line.startswith("sara_trial.TrialError: "):
            return line.removeprefix("sara_trial.TrialError: ")
    losses = ("ActorDiedError", "ActorUnavailable", "NodeDiedError", "WorkerCrashed", "actor is temporarily unavailable")
    died = any(word in line for line in lines for word in losses)
    return "its worker was killed or its node was lost." if died else (lines[-1] if lines else "no reason was given.")


def left_behind(storage, plan):
    """What is known of the trials: by the desktop, and from earlier jobs of this sweep. By number."""
    found = {number: outcome for number, outcome in plan["known"]}
    for number, trial in enumerate(plan["trials"], 1):
        place = f"sweeps/{plan['id']}/{trial['key']}"
        ended = storage.read(f"{place}/outcome.json")
        latest = None if ended else storage.read(f"{place}/latest.json")
        if ended is not None:
            found[number] = json.loads(ended)
        elif latest is not None and number not in found:
            found[number] = json.loads(latest)["outcome"]
    return found


def main():
    with open(sys.argv[1]) as file:
        plan = json.load(file)
    # Ray may clear the folder of the package away while this program is in it.
    os.chdir(tempfile.gettempdir())
    teller = Teller()
    if tuple(int(part) for part in ray.__version__.split(".")[:2]) < OLDEST_RAY:
        teller.line(failure=f"Ray {ray.__version__} is too old: the cluster needs {'.'.join(map(str, OLDEST_RAY))} or newer.")
        return 1
    ray.init(log_to_driver=False)
    board = Board(plan)
    storage = Storage(plan["storage"])
    before = left_behind(storage, plan)
    for number, outcome in before.items():
        board.take(number, outcome)
    teller.line(begun=plan["id"], trials=len(plan["trials"]))
    for number, outcome in before.items():
        if number in board.stopped:
            board.close(number)
            outcome = {**outcome, "state": "stopped"}
        teller.trial(number, outcome, [])
    teller.flush()
    ended = {number for number, outcome in before.items() if outcome["state"] in ("done", "failed")}
    wanted = [number for number in range(1, len(plan["trials"]) + 1) if number not in ended | board.stopped]
    if wanted:
        resources = plan["resources"]
        trainable = tune.with_resources(
            tune.with_parameters(sara_trial.train, plan=plan), {"cpu": resources["cpus"], "gpu": resources["gpus"]}
        )
        with tempfile.TemporaryDirectory() as results:
            tune.Tuner(
                trainable,
                param_space={"trial": tune.grid_search(wanted)},
                tune_config=tune.TuneConfig(scheduler=InOrder(board, teller), reuse_actors=False),
                run_config=tune.RunConfig(
                    name=plan["id"],
                    storage_path=results,
                    verbose=0,
                    failure_config=tune.FailureConfig(max_failures=plan["failures"]),
                    callbacks=[Failures(teller, board, plan["failures"])],
                ),
            ).fit()
    teller.flush()
    teller.line(end=True)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")
    os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
    os.environ.setdefault("TUNE_MAX_PENDING_TRIALS_PG", "64")
    sys.exit(main())
