// kubelet is what a kubelet does for its client certificate, with client-go's own certificate manager: it asks
// with a bootstrap token, waits for the automatic approval, and then renews with the certificate that it got.
//
//	kubelet -server URL -ca FILE -token TOKEN -node NAME -dir FOLDER -certificates N
//
// It prints a line for each certificate and ends with 0 once it had N of them.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"flag"
	"fmt"
	"os"
	"time"

	certificates "k8s.io/api/certificates/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/certificate"
)

const patience = 2 * time.Minute

func main() {
	server := flag.String("server", "", "URL of csrflow")
	ca := flag.String("ca", "", "file with the CA's certificate")
	token := flag.String("token", "", "bootstrap token")
	node := flag.String("node", "n1", "name of the node")
	dir := flag.String("dir", "", "folder for keys and certificates")
	wanted := flag.Int("certificates", 2, "how many certificates")
	flag.Parse()
	if err := run(*server, *ca, *token, *node, *dir, *wanted); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(server, ca, token, node, dir string, wanted int) error {
	store, err := certificate.NewFileStore("kubelet-client", dir, dir, "", "")
	if err != nil {
		return err
	}
	// As the kubelet: the token as long as there is no certificate, afterwards the certificate.
	clientset := func(current *tls.Certificate) (kubernetes.Interface, error) {
		config := &rest.Config{Host: server, TLSClientConfig: rest.TLSClientConfig{CAFile: ca}}
		if current == nil {
			config.BearerToken = token
		} else {
			file := dir + "/kubelet-client-current.pem"
			config.TLSClientConfig.CertFile, config.TLSClientConfig.KeyFile = file, file
		}
		return kubernetes.NewForConfig(config)
	}
	manager, err := certificate.NewManager(&certificate.Config{
		ClientsetFn: clientset,
		GetTemplate: func() *x509.CertificateRequest {
			return &x509.CertificateRequest{Subject: pkix.Name{
				CommonName:   "system:node:" + node,
				Organization: []string{"system:nodes"},
			}}
		},
		SignerName:       certificates.KubeAPIServerClientKubeletSignerName,
		Usages:           []certificates.KeyUsage{certificates.UsageDigitalSignature, certificates.UsageClientAuth},
		CertificateStore: store,
	})
	if err != nil {
		return err
	}
	manager.Start()
	defer manager.Stop()
	serials := map[string]bool{}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		current := manager.Current()
		if current == nil || serials[current.Leaf.SerialNumber.String()] {
			continue
		}
		serials[current.Leaf.SerialNumber.String()] = true
		fmt.Printf("certificate %d: %s until %s\n", len(serials), current.Leaf.Subject,
			current.Leaf.NotAfter.UTC().Format(time.RFC3339))
		if len(serials) == wanted {
			return nil
		}
	}
	return fmt.Errorf("after %s there are %d of %d certificates", patience, len(serials), wanted)
}
