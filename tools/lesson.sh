# shellcheck shell=bash
# The lesson "Jane's certificate" with real openssl and kubectl. tools/demo shows it to a person, tests/story/lesson
# runs it as a test; both do exactly this. Whoever sources it defines what is to be seen:
#
#   heading TEXT             a step begins
#   note TEXT                what a person should know about it
#   typed COMMAND ANSWER     a command was run, and what it printed
#   held TEXT                a check held
#   broken TEXT              it did not; the lesson goes on if this returns
#
# and calls lesson_begin PROGRAM KUBECTL, the steps in order, lesson_end. All waiting is bounded.

# ---- tools ----------------------------------------------------------------------------------------------------

readonly ready_seconds=10   # until the server serves
readonly short_life=6       # seconds: the lifetime of the certificate that is rotated
readonly rotation_seconds=25 # until it was rotated and has expired: `short_life` and a slow machine's reserve
readonly stop_seconds=10    # until the server has stopped

folder=      # everything of this run
server=      # its process id
url=
answer=      # what the last command printed

# Runs a line as a person types it; the second argument is the exit code that it must have.
enter() {
  local code=0
  answer=$(eval "$1" 2>&1) || code=$?
  typed "$1" "$answer"
  [ "$code" -eq "${2:-0}" ] || broken "\`$1\` ended with exit code $code: $answer"
}

# check SENTENCE COMMAND…: the sentence is true when the command succeeds.
check() {
  local sentence=$1
  shift
  if "$@" >/dev/null 2>&1; then held "$sentence"; else broken "not so: $sentence"; fi
}

answer_has() { [[ "$answer" == *"$1"* ]]; }
answer_matches() { grep -Eq -- "$1" <<<"$answer"; }

# within SECONDS COMMAND…: polls until the command succeeds.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

# The types of a request's events, or of the whole log, in order, one a line.
event_types() {
  if [ $# -eq 1 ]; then csrflow history "$1" --data ca --output json; else csrflow log --data ca --output json; fi |
    python3 -c 'import json, sys; [print(json.loads(line)["type"]) for line in sys.stdin]'
}
history_has() { event_types "$1" | grep -qx -- "$2"; }
history_is() { [ "$(event_types "$1" | tr '\n' ' ')" = "$2 " ]; }
log_has() {
  local types type
  types=$(event_types)
  for type in "$@"; do grep -qx -- "$type" <<<"$types" || return 1; done
}

# manifest NAME SIGNER USAGES [ANNOTATION] > NAME.yaml, over NAME.csr
manifest() {
  cat <<YAML
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata:
  name: $1${4:+
  annotations: {$4\}}
spec:
  request: $(base64 -w 0 <"$1.csr")
  signerName: $2
  usages: [$3]
  expirationSeconds: 86400
  groups: [system:authenticated]
YAML
}

# request_key FILE, certificate_key FILE: the public key, to compare.
request_key() { openssl req -in "$1" -noout -pubkey 2>/dev/null; }
certificate_key() { openssl x509 -in "$1" -noout -pubkey 2>/dev/null; }
same_key() {
  local key
  key=$(certificate_key "$1") && [ "$key" = "$(request_key "$2")" ]
}
serial() { openssl x509 -in "$1" -noout -serial 2>/dev/null; }
seconds_of_life() {
  local from to
  from=$(date -d "$(openssl x509 -in "$1" -noout -startdate 2>/dev/null | cut -d= -f2)" +%s)
  to=$(date -d "$(openssl x509 -in "$1" -noout -enddate 2>/dev/null | cut -d= -f2)" +%s)
  echo $((to - from))
}
# What a person types to wait for a certificate; `kubectl wait` for a value that is not known beforehand is too new.
until_signed() {
  echo "timeout 5 sh -c \"until kubectl get csr $1 -o jsonpath='{.status.certificate}' | grep -q .; do sleep 0.1; done\""
}
certificate_of() { kubectl get csr "$1" -o 'jsonpath={.status.certificate}' | base64 -d 2>/dev/null; }

# ---- beginning and end ----------------------------------------------------------------------------------------

# lesson_begin PROGRAM KUBECTL
lesson_begin() {
  folder=$(mktemp -d "${TMPDIR:-/tmp}/csrflow-lesson.XXXXXX")
  mkdir "$folder/bin"
  ln -s "$(realpath "$1")" "$folder/bin/csrflow"
  ln -s "$(realpath "$2")" "$folder/bin/kubectl"
  cd "$folder" || return 1
  # Nothing of the user's own kubectl, openssl or proxy settings takes part.
  export PATH="$folder/bin:$PATH" HOME="$folder" KUBECONFIG="$folder/ca/admin.kubeconfig" LC_ALL=C TZ=UTC
  export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
  unset OPENSSL_CONF KUBECACHEDIR
}

is_serving() { grep -q '^ready https://' serve.out; }
is_serving_or_gone() { is_serving || ! kill -0 "$server"; }
has_stopped() { ! kill -0 "$server"; }

# Stops the server, whatever state it is in. Exit code: the server's.
stop_server() {
  local code=0
  [ -n "$server" ] || return 0
  kill -TERM "$server" 2>/dev/null
  within "$stop_seconds" has_stopped || kill -KILL "$server" 2>/dev/null
  wait "$server" || code=$?
  server=
  return "$code"
}

# lesson_end keep|remove: leaves no process; what becomes of the folder is the caller's word. Runs from a trap.
lesson_end() {
  stop_server || true
  cd / || return
  if [ -n "$folder" ] && [ "$1" = remove ]; then rm -rf "$folder"; fi
}

server_log() { if [ -s "$folder/serve.log" ]; then tail -n 40 "$folder/serve.log"; fi; }

# ---- the steps ------------------------------------------------------------------------------------------------

step_1_key_and_request() {
  heading "1. Jane makes a key and a request"
  enter 'openssl genrsa -out jane.key 2048'
  enter 'openssl req -new -key jane.key -subj "/CN=jane" -out jane.csr'
  check "the request is signed with Jane's key" openssl req -in jane.csr -noout -verify
}

step_2_server() {
  heading "2. csrflow serves, with a new CA in an empty folder"
  local command="csrflow serve --data ca --listen 127.0.0.1:0 --signing-duration kubernetes.io/kubelet-serving=${short_life}s"
  eval "exec $command" >serve.out 2>serve.log &
  server=$!
  within "$ready_seconds" is_serving_or_gone || true
  typed "$command &" "$(cat serve.out)"
  if ! is_serving; then
    broken "the server did not start"
    return
  fi
  url=$(sed -n 's/^ready //p' serve.out)
  check "it made its CA and an administrator's kubeconfig" test -s ca/ca.crt -a -s ca/admin.kubeconfig
  check "others cannot read that kubeconfig" test "$(stat -c %a ca/admin.kubeconfig)" = 600
  enter "export KUBECONFIG=\$PWD/ca/admin.kubeconfig"
}

# Begun early, so that nobody has to wait for its end.
step_7_begin_short_life() {
  heading "7 begins. A certificate that lives ${short_life} seconds and asks to be renewed"
  note "It rotates while the other steps go on."
  enter 'openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout node.key -subj "/O=system:nodes/CN=system:node:demo" -addext "subjectAltName=DNS:demo.example" -out node.csr 2>/dev/null'
  manifest node kubernetes.io/kubelet-serving "digital signature, server auth" 'csrflow.io/rotation: renew' >node.yaml
  enter 'cat node.yaml'
  enter 'kubectl apply -f node.yaml'
  enter 'kubectl certificate approve node'
  enter "$(until_signed node)"
  enter "kubectl get csr node -o jsonpath='{.status.certificate}' | base64 -d > node.crt"
  check "the certificate holds the request's key" same_key node.crt node.csr
}

step_3_submit() {
  heading "3. Jane's request is submitted, and waits"
  manifest jane kubernetes.io/kube-apiserver-client "client auth" >jane.yaml
  enter 'cat jane.yaml'
  enter 'kubectl apply -f jane.yaml'
  check "kubectl says that it was created" answer_has 'certificatesigningrequest.certificates.k8s.io/jane created'
  enter 'kubectl get csr'
  check "Jane's request is pending" answer_matches '^jane .* Pending$'
  check "history has its creation" history_is jane created
}

step_4_approve_and_sign() {
  heading "4. It is approved, signed, and checked with openssl"
  enter 'kubectl certificate approve jane'
  check "kubectl says that it was approved" answer_has 'certificatesigningrequest.certificates.k8s.io/jane approved'
  enter 'kubectl wait --for=condition=Approved csr/jane --timeout=5s'
  enter "$(until_signed jane)"
  enter 'kubectl get csr'
  check "it is approved and issued" answer_matches '^jane .* Approved,Issued$'
  enter 'kubectl get csr jane -o yaml'
  check "the approval says how it was made" answer_has 'reason: KubectlApprove'
  enter "kubectl get csr jane -o jsonpath='{.status.certificate}' | base64 -d > jane.crt"
  enter 'openssl verify -CAfile ca/ca.crt jane.crt'
  check "the CA signed it" test "$answer" = 'jane.crt: OK'
  enter 'openssl x509 -in jane.crt -noout -subject -dates -ext keyUsage,extendedKeyUsage'
  check "it is Jane's" answer_matches '^subject=CN = jane$'
  check "it is for clients" answer_has 'TLS Web Client Authentication'
  check "and not for servers" test "${answer/Server/}" = "$answer"
  check "it lives the 86400 seconds that were asked for" test "$(seconds_of_life jane.crt)" = 86400
  check "it holds the request's key" same_key jane.crt jane.csr
  check "history has created, approved, issuing, signed" history_is jane 'created approved issuing signed'
}

step_5_deny_and_fail() {
  heading "5. A request is denied, another fails at its signer, and both say why"
  openssl req -new -key jane.key -subj '/CN=bob' -out bob.csr
  openssl req -new -key jane.key -subj '/CN=carol' -out carol.csr
  manifest bob kubernetes.io/kube-apiserver-client 'client auth' >bob.yaml
  manifest carol kubernetes.io/kube-apiserver-client 'server auth' >carol.yaml
  enter 'kubectl apply -f bob.yaml -f carol.yaml'
  enter 'kubectl certificate deny bob'
  enter 'kubectl describe csr bob'
  check "kubectl describes it as denied" answer_matches '^Status: +Denied$'
  enter "kubectl get csr bob -o jsonpath='{range .status.conditions[*]}{.type}: {.reason}: {.message}{\"\\n\"}{end}'"
  check "it says why" answer_has 'Denied: KubectlDeny: This CSR was denied by kubectl certificate deny.'
  enter 'csrflow history bob --data ca'
  check "history has the denial" history_is bob 'created denied'

  note "Carol asks this signer, which is for clients, for a server's certificate."
  enter 'kubectl certificate approve carol'
  enter 'kubectl wait --for=condition=Failed csr/carol --timeout=5s'
  enter 'kubectl describe csr carol'
  check "kubectl describes it as failed" answer_matches '^Status: +Approved,Failed$'
  enter "kubectl get csr carol -o jsonpath='{range .status.conditions[*]}{.type}: {.reason}: {.message}{\"\\n\"}{end}'"
  check "it says why" answer_has 'Failed: SignerValidationFailure: invalid usage for client certificate: server auth'
  check "it got no certificate" test -z "$(kubectl get csr carol -o 'jsonpath={.status.certificate}')"
  enter 'csrflow history carol --data ca'
  check "history has the failure" history_is carol 'created approved failed'
}

step_6_use() {
  heading "6. Jane logs in with her certificate"
  local jane="kubectl --kubeconfig=/dev/null --server=$url --certificate-authority=ca/ca.crt --client-certificate=jane.crt --client-key=jane.key"
  if $jane auth whoami >/dev/null 2>&1; then
    enter "$jane auth whoami"
    check "the server knows her as jane" answer_matches '^Username +jane$'
  else
    note "This kubectl is older than the first version of the review that \`auth whoami\` asks; this is the same question."
    enter "echo '{}' | $jane create --raw /apis/authentication.k8s.io/v1/selfsubjectreviews -f -"
    check "the server knows her as jane" answer_has '"username":"jane"'
  fi
  enter "$jane get csr" 1
  check "she may not list requests" answer_has 'Error from server (Forbidden): certificatesigningrequests.certificates.k8s.io is forbidden: User "jane" cannot list resource "certificatesigningrequests" in API group "certificates.k8s.io" at the cluster scope'
}

node_was_rotated() { history_has node rotated; }
node_has_expired() { history_has node expired; }

step_7_rotation() {
  heading "7. The short-lived certificate was renewed before its end"
  note "Its successor carries its name with a number."
  within "$rotation_seconds" node_was_rotated || broken "it was not rotated within $rotation_seconds s"
  enter 'kubectl get csr'
  check "the successor is there, approved and issued" answer_matches '^node\.2 .* Approved,Issued$'
  certificate_of node.2 >node.2.crt || true
  check "the successor has a certificate of its own over the same request" same_key node.2.crt node.csr
  check "with another serial" test "$(serial node.crt)" != "$(serial node.2.crt)"
  within "$rotation_seconds" node_has_expired || broken "it did not expire within $rotation_seconds s"
  enter 'csrflow history node --data ca'
  check "history tells it in order" history_is node 'created approved issuing signed rotation_due rotated expired'
  check "history names the successor" answer_has 'renew as node.2'
  enter 'openssl verify -CAfile ca/ca.crt node.crt' 2
  check "openssl agrees that the old one has ended" answer_has 'certificate has expired'
  enter 'csrflow history node.2 --data ca'
  check "the successor's history names its predecessor" answer_has 'follows node (generation 2)'
}

step_8_history() {
  heading "8. Nothing is forgotten"
  enter 'csrflow history jane --data ca'
  enter 'csrflow log --data ca | cut -c -150'
  check "all six transitions are in the log" log_has created approved denied signed expired rotated
  enter 'csrflow replay --data ca'
  check "the log computes to what the server shows" answer_has 'all views are equal'
  local code=0
  stop_server || code=$?
  check "the server stops cleanly" test "$code" -eq 0
  enter 'csrflow replay --data ca'
  check "and so it does without the server" answer_has 'all views are equal'
}

lesson() {
  step_1_key_and_request
  step_2_server
  [ -n "$url" ] || return 0
  step_7_begin_short_life
  step_3_submit
  step_4_approve_and_sign
  step_5_deny_and_fail
  step_6_use
  step_7_rotation
  step_8_history
}
