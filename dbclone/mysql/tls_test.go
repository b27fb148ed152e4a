package mysql

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/mysql/mysqltest"
)

// authority issues certificates into a folder that everybody may read.
type authority struct {
	t    *testing.T
	dir  string
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	dir, err := os.MkdirTemp("", "hctls")
	ok(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	ok(t, os.Chmod(dir, 0o755))
	a := &authority{t: t, dir: dir}
	a.key, a.cert = a.issue("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name+".pem") }

func (a *authority) issue(name string, like *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(a.t, err)
	like.SerialNumber, like.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: name}
	like.NotBefore, like.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := like, key
	if a.cert != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, like, parent, &key.PublicKey, signer)
	ok(a.t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	ok(a.t, err)
	ok(a.t, os.WriteFile(a.file(name), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
	ok(a.t, os.WriteFile(a.file(name+"-key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o644))
	cert, err := x509.ParseCertificate(der)
	ok(a.t, err)
	return key, cert
}

func TestTLS(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	ca.issue("server", &x509.Certificate{DNSNames: []string{"db.example"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	ca.issue("local", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	ca.issue("client", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	start := func(cert string) *mysqltest.Server {
		s := mysqltest.Start(t, "--ssl-ca="+ca.file("ca"), "--ssl-cert="+ca.file(cert), "--ssl-key="+ca.file(cert+"-key"))
		_, err := s.Open(t, "").ExecContext(t.Context(), "CREATE USER strict@'%' IDENTIFIED BY 'x' REQUIRE X509; GRANT ALL ON *.* TO strict@'%'")
		ok(t, err)
		return s
	}
	meet := func(s *mysqltest.Server, more map[string]string) {
		t.Helper()
		e := New()
		defer e.Leave()
		met, err := e.Meet(t.Context(), s.With(more), dbclone.NewOwner("test"))
		ok(t, err)
		on, err := e.servers[met.ID].open(t.Context(), home)
		ok(t, err)
		defer on.close()
		rows, err := on.one(t.Context(), "SHOW STATUS LIKE 'Ssl_cipher'")
		ok(t, err)
		same(t, "encrypted", rows[0]["Value"] != "", more["ssl_mode"] != "DISABLED")
	}
	s := start("server")
	for _, mode := range []string{"", "PREFERRED", "REQUIRED", "DISABLED"} {
		meet(s, map[string]string{"ssl_mode": mode})
	}
	authorised := map[string]string{"ssl_ca": ca.file("ca")}
	meet(s, authorised)
	meet(s, map[string]string{"ssl_ca": ca.file("ca"), "ssl_mode": "verify_ca"})
	strict := map[string]string{"user": "strict", "password": "x", "ssl_ca": ca.file("ca")}
	refused(t, s.With(strict), "USER and PASSWORD")
	strict["ssl_cert"], strict["ssl_key"] = ca.file("client"), ca.file("client-key")
	meet(s, strict)
	refused(t, s.With(map[string]string{"ssl_ca": stranger.file("ca")}), "ssl_ca and ssl_mode")
	authorised["ssl_mode"] = "VERIFY_IDENTITY"
	refused(t, s.With(authorised), "ssl_ca and ssl_mode")
	meet(start("local"), authorised)
	none := "--tls-version="
	if s.MariaDB() {
		none = "--skip-ssl"
	}
	without := mysqltest.Start(t, none)
	refused(t, without.With(map[string]string{"ssl_mode": "REQUIRED"}), "switch TLS on")
	e := New()
	defer e.Leave()
	_, err := e.Meet(t.Context(), without.With(map[string]string{"ssl_mode": "PREFERRED"}), dbclone.NewOwner("test"))
	ok(t, err)
}
