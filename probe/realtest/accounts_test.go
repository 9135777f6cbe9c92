//go:build unix

package realtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

// The one account that all servers know. The password has characters that
// mean something in responses and in configuration files.
const (
	account       = known
	rightPassword = "Corr=ect,h0rse&7"
	wrongPassword = "Corr=ect,h0rse&8"
	stranded      = "alice@down.example.test" // Dovecot and Exim cannot look this account up
)

// Accounts of Dovecot whose passwords are not ASCII: one that ISO 8859-1 has
// too, and one that it has not.
const (
	latinUser, latinPassword = "ida@example.test", "Grüße7"
	wideUser, widePassword   = "eva@example.test", "Grüße‹7"
)

// The keys with which tokens are signed: Dovecot knows the first.
const (
	rightKey = "the key that Dovecot has for tokens"
	wrongKey = "the key of another issuer of tokens"
)

// asPassword and asToken are the account's credentials.
func asPassword(password string) sasl.Credential {
	return sasl.Credential{User: account, Password: secret.New(password), Host: mailHost}
}

func asToken(key string) sasl.Credential {
	return sasl.Credential{User: account, Token: secret.New(token(key)), Host: mailHost}
}

// token is a signed one that holds for an hour (RFC 7519), which Dovecot can
// check without asking anybody.
func token(key string) string {
	encode := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"sub":%q,"iat":%d,"exp":%d}`, account, time.Now().Unix()-60, time.Now().Unix()+3600)
	signed := encode([]byte(`{"typ":"JWT","alg":"HS256"}`)) + "." + encode([]byte(claims))
	sum := hmac.New(sha256.New, []byte(key))
	sum.Write([]byte(signed))
	return signed + "." + encode(sum.Sum(nil))
}

// accounts writes what Dovecot knows of users and tokens, readable for its
// own account.
func (d *dovecot) accounts(s *site) {
	s.Helper()
	s.publish(filepath.Join(d.Folder, "users"), account+":{PLAIN}"+rightPassword+"\n"+
		latinUser+":{PLAIN}"+latinPassword+"\n"+wideUser+":{PLAIN}"+widePassword+"\n")
	s.configure(filepath.Join(d.Folder, "oauth2.conf"), "oauth2.conf", d)
	s.configure(filepath.Join(d.Folder, "dict.conf"), "dict.conf", d)
	keys := s.subfolder("dovecot/keys/default/HS256")
	s.publish(filepath.Join(keys, "default"), base64.StdEncoding.EncodeToString([]byte(rightKey)))
}

// publish writes a file that the servers' own accounts can read.
func (s *site) publish(path, content string) {
	s.Helper()
	s.write(path, []byte(content))
	must(s, os.Chmod(path, 0o644))
}

// crypted is the right password as OpenSMTPD's table wants it, by openssl.
func crypted(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("openssl", "passwd", "-6", rightPassword).Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}
