"""A Ray cluster of two nodes on this machine: `cluster.py PORT`. Says its addresses; `kill` and `add` on stdin take the
second node away without a warning and bring another; it ends with its input."""

import json
import sys

from ray.cluster_utils import Cluster

NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}

head = {**NODE, "include_dashboard": True, "dashboard_host": "127.0.0.1", "dashboard_port": int(sys.argv[1])}
cluster = Cluster(initialize_head=True, head_node_args=head)
second = cluster.add_node(**NODE)
places = {"address": cluster.address, "session": cluster.head_node.get_session_dir_path()}
print(json.dumps({"dashboard": f"http://{cluster.head_node.webui_url}", **places}), flush=True)
for line in sys.stdin:
    if line.strip() == "kill":
        cluster.remove_node(second, allow_graceful=False)
    elif line.strip() == "add":
        second = cluster.add_node(**NODE)
    print(json.dumps({"did": line.strip()}), flush=True)
cluster.shutdown()
