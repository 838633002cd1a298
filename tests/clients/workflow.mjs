// A request's life through the JavaScript client of Kubernetes; each check is a line `ok …` or `FAILED …`.
//
//   node workflow.mjs ADMIN_KUBECONFIG STRANGER_KUBECONFIG REQUEST_PEM CERTIFICATE_TO_WRITE
import { readFileSync, writeFileSync } from 'node:fs';
import * as k8s from '@kubernetes/client-node';

const [adminFile, strangerFile, requestFile, certificateFile] = process.argv.slice(2);
const name = 'javascript-client';
const watchMilliseconds = 15_000;

function check(sentence, isTrue) {
  console.log((isTrue ? 'ok ' : 'FAILED ') + sentence);
}

async function refusedWith(code, reason, call) {
  try {
    await call();
  } catch (error) {
    const status = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
    return error.code === code && status.reason === reason;
  }
  return false;
}

function configuration(file) {
  const config = new k8s.KubeConfig();
  config.loadFromFile(file);
  return config;
}

function request() {
  return {
    metadata: { name, labels: { client: 'javascript' } },
    spec: {
      request: readFileSync(requestFile).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      expirationSeconds: 3600,
      usages: ['client auth'],
    },
  };
}

function approved(csr) {
  const condition = {
    type: 'Approved',
    status: 'True',
    reason: 'Tried',
    message: 'by the JavaScript client',
    lastUpdateTime: new Date(),
  };
  return { ...csr, status: { ...csr.status, conditions: [condition] } };
}

/** Nothing when no certificate comes in time. */
function certificateOnWatch(config, resourceVersion) {
  return new Promise((resolve, reject) => {
    let controller;
    const timer = setTimeout(() => end(undefined), watchMilliseconds);
    const end = (certificate) => {
      clearTimeout(timer);
      resolve(certificate); // before abort(), which calls back as an end of the watch
      controller?.abort();
    };
    new k8s.Watch(config)
      .watch(
        '/apis/certificates.k8s.io/v1/certificatesigningrequests',
        { fieldSelector: `metadata.name=${name}`, resourceVersion },
        (type, object) => {
          if (object.status?.certificate) end(object.status.certificate);
        },
        () => end(undefined),
      )
      .then((started) => {
        controller = started;
      }, reject);
  });
}

const admin = configuration(adminFile);
const api = admin.makeApiClient(k8s.CertificatesV1Api);
const stranger = configuration(strangerFile).makeApiClient(k8s.CertificatesV1Api);

const created = await api.createCertificateSigningRequest({ body: request() });
check('create answers the object', created.metadata.name === name && created.metadata.uid !== '');
const list = await api.listCertificateSigningRequest({ labelSelector: 'client=javascript' });
check('list with a label selector shows it alone', list.items.length === 1 && list.items[0].metadata.name === name);
check(
  'a second of its name is refused: 409 AlreadyExists',
  await refusedWith(409, 'AlreadyExists', () => api.createCertificateSigningRequest({ body: request() })),
);
check(
  'a stranger may not approve: 403 Forbidden',
  await refusedWith(403, 'Forbidden', () =>
    stranger.replaceCertificateSigningRequestApproval({ name, body: approved(created) }),
  ),
);
const stale = await api.readCertificateSigningRequest({ name });
const answer = await api.replaceCertificateSigningRequestApproval({ name, body: approved(stale) });
check('approve answers the condition', answer.status.conditions[0].type === 'Approved');
check(
  'a change of what was read before is refused: 409 Conflict',
  await refusedWith(409, 'Conflict', () => api.replaceCertificateSigningRequest({ name, body: stale })),
);
const seen = await certificateOnWatch(admin, created.metadata.resourceVersion);
check('the watch shows the certificate', seen !== undefined);
const patched = await api.patchCertificateSigningRequest(
  { name, body: { metadata: { annotations: { tried: 'yes' } } } },
  k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch),
);
check('patch answers the annotation', patched.metadata.annotations.tried === 'yes');
const fetched = await api.readCertificateSigningRequest({ name });
check('get shows the same certificate', fetched.status.certificate === seen);
writeFileSync(certificateFile, Buffer.from(fetched.status.certificate ?? '', 'base64'));
await api.deleteCertificateSigningRequest({ name });
check(
  'after delete it is gone: 404 NotFound',
  await refusedWith(404, 'NotFound', () => api.readCertificateSigningRequest({ name })),
);
