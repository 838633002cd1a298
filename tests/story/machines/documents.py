"""What the administrator of the site says, and what its hosts want."""
SIGNER = "example.com/web"
IDENTITY_SIGNER = "kubernetes.io/kube-apiserver-client"
LIFETIME_SECONDS = 60
# A certificate is replaced so early in its life that an outage of more than a quarter of it leaves time.
ROTATION = {"from": 0.25, "to": 0.4}
HOSTS = {"web-1": ["web-1.example.com", "shop.example.com"], "web-2": ["web-2.example.com"]}


def document(kind, name, spec):
    return {"apiVersion": "csrflow.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def only(value):
    return {"values": [value], "max": 1}


def rules():
    """Each host gets an identity, and certificates for names of its own."""
    lifetime = f"{LIFETIME_SECONDS}s"
    documents = [
        document("Signer", SIGNER.replace("/", ":"),
                 {"usages": {"permitted": ["digital signature", "server auth"]}, "names": {"dns": True},
                  "lifetime": {"default": lifetime, "max": lifetime}, "backdate": "1s"}),
        document("RotationPolicy", "web",
                 {"match": {"signerNames": [SIGNER]}, "mode": "rekey", "when": {"fraction": ROTATION}}),
    ]
    for host, names in HOSTS.items():
        user = f"csrflow:agent:{host}"
        documents += [
            document("ApprovalPolicy", f"{host}-identity",
                     {"match": {"signerNames": [IDENTITY_SIGNER], "requesters": {"users": [user]}},
                      "require": {"subject": {"commonName": only(user), "organizations": only("csrflow:agents")},
                                  "names": {}, "usages": {"allowed": ["digital signature", "client auth"]},
                                  "lifetime": {"max": "10m"}},
                      "outcome": "approve"}),
            document("ApprovalPolicy", f"{host}-names",
                     {"match": {"signerNames": [SIGNER], "requesters": {"users": [user]}},
                      "require": {"subject": {}, "names": {"dns": {"allowed": names, "min": 1}},
                                  "key": {"notReusedBy": "anyone"}},
                      "outcome": "approve"}),
        ]
    return documents


def agent_configuration(url, authority, state, host, token, names, reload, port):
    identity = {"name": host, "signerName": IDENTITY_SIGNER, "usages": ["digital signature", "client auth"],
                "subject": {"commonName": f"csrflow:agent:{host}", "organization": ["csrflow:agents"]},
                "lifetime": "10m"}
    served = [{"name": name, "signerName": SIGNER, "usages": ["digital signature", "server auth"], "dns": [name],
               "rotation": ROTATION, "reload": reload,
               "probe": {"address": f"127.0.0.1:{port}", "serverName": name}} for name in names]
    return {"server": {"url": url, "caFile": str(authority)}, "stateDirectory": str(state), "host": host,
            "identity": host, "bootstrap": {"tokenFile": str(token), "singleUse": True},
            "certificates": [identity, *served]}
