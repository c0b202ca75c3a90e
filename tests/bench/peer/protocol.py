"""The peer's side of jobs.ts: one job, JSON lines on stdin, answers on stdout behind a mark."""

import json
import resource
import sys
import time
import traceback

MARK = "@bench "


def serve(openers):
    """Answers requests until told to end. openers: job kind -> function(job) -> (values, run(round))."""
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "open" in request:
                job = request["open"]
                values, run = openers[job["kind"]](job)
                answer({"value": values if "values" in values else {"values": values}})
            elif "run" in request:
                answer({"value": run(request["run"])})
            else:
                scale = 1 if sys.platform == "darwin" else 1024
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
                answer({"value": {"maximumResidentBytes": peak}})
                return
        except Exception:
            answer({"error": traceback.format_exc()})


def answer(value):
    print(MARK + json.dumps(value), flush=True)


def timed(work):
    """(seconds, result) of work()."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result
