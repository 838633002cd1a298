#!/usr/bin/env python3
"""A request's life through the Python client of Kubernetes; each check is a line `ok …` or `FAILED …`.

workflow.py ADMIN_KUBECONFIG STRANGER_KUBECONFIG REQUEST_PEM CERTIFICATE_TO_WRITE
"""
import base64
import datetime
import sys

from kubernetes import client, config, watch

admin_file, stranger_file, request_file, certificate_file = sys.argv[1:]
NAME = "python-client"
WATCH_SECONDS = 15


def check(sentence, true):
    print(("ok " if true else "FAILED ") + sentence, flush=True)


def refused_with(status, reason, call):
    try:
        call()
    except client.ApiException as error:
        return error.status == status and f'"reason":"{reason}"' in error.body.replace('": "', '":"')
    return False


def certificates(kubeconfig):
    return client.CertificatesV1Api(config.new_client_from_config(config_file=kubeconfig))


def request():
    with open(request_file, "rb") as file:
        pem = file.read()
    return client.V1CertificateSigningRequest(
        metadata=client.V1ObjectMeta(name=NAME, labels={"client": "python"}),
        spec=client.V1CertificateSigningRequestSpec(
            request=base64.b64encode(pem).decode(),
            signer_name="kubernetes.io/kube-apiserver-client",
            expiration_seconds=3600,
            usages=["client auth"],
        ),
    )


def approved(csr):
    csr.status.conditions = [
        client.V1CertificateSigningRequestCondition(
            type="Approved",
            status="True",
            reason="Tried",
            message="by the Python client",
            last_update_time=datetime.datetime.now(datetime.timezone.utc),
        )
    ]
    return csr


def certificate_on_watch(api, since):
    events = watch.Watch()
    for event in events.stream(
        api.list_certificate_signing_request,
        field_selector=f"metadata.name={NAME}",
        resource_version=since,
        timeout_seconds=WATCH_SECONDS,
    ):
        if event["object"].status.certificate:
            events.stop()
            return event["object"].status.certificate
    return None


def main():
    api = certificates(admin_file)
    stranger = certificates(stranger_file)

    created = api.create_certificate_signing_request(request())
    check("create answers the object", created.metadata.name == NAME and created.metadata.uid != "")
    names = [item.metadata.name for item in api.list_certificate_signing_request(label_selector="client=python").items]
    check("list with a label selector shows it alone", names == [NAME])
    check(
        "a second of its name is refused: 409 AlreadyExists",
        refused_with(409, "AlreadyExists", lambda: api.create_certificate_signing_request(request())),
    )
    check(
        "a stranger may not approve: 403 Forbidden",
        refused_with(
            403,
            "Forbidden",
            lambda: stranger.replace_certificate_signing_request_approval(NAME, approved(created)),
        ),
    )
    stale = api.read_certificate_signing_request(NAME)
    answer = api.replace_certificate_signing_request_approval(
        NAME, approved(api.read_certificate_signing_request(NAME))
    )
    check("approve answers the condition", answer.status.conditions[0].type == "Approved")
    check(
        "a change of what was read before is refused: 409 Conflict",
        refused_with(409, "Conflict", lambda: api.replace_certificate_signing_request(NAME, stale)),
    )
    seen = certificate_on_watch(api, created.metadata.resource_version)
    check("the watch shows the certificate", seen is not None)
    patched = api.patch_certificate_signing_request(NAME, {"metadata": {"annotations": {"tried": "yes"}}})
    check("patch answers the annotation", patched.metadata.annotations == {"tried": "yes"})
    fetched = api.read_certificate_signing_request(NAME)
    check("get shows the same certificate", fetched.status.certificate == seen)
    with open(certificate_file, "wb") as file:
        file.write(base64.b64decode(fetched.status.certificate or ""))
    api.delete_certificate_signing_request(NAME)
    check(
        "after delete it is gone: 404 NotFound",
        refused_with(404, "NotFound", lambda: api.read_certificate_signing_request(NAME)),
    )


main()
