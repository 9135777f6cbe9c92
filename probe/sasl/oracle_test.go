package sasl

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/xdg-go/scram"

	"smtptest/probe/secret"
)

// scramServer is the library's server side, which knows one user.
func scramServer(t *testing.T, hash scram.HashGeneratorFcn, user, password string) *scram.ServerConversation {
	t.Helper()
	keeper, err := hash.NewClient(user, password, "")
	if err != nil {
		keeper, _ = hash.NewClientUnprepped(user, password, "")
	}
	stored, err := keeper.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "salt of sixteen.", Iters: 4096})
	if err != nil {
		t.Fatal(err)
	}
	server, err := hash.NewServer(func(asked string) (scram.StoredCredentials, error) {
		if asked != user {
			return scram.StoredCredentials{}, fmt.Errorf("no user %q", asked)
		}
		return stored, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return server.NewConversation()
}

var scramLogins = []struct {
	name, user, authzid, password, stored string
	serverError                           string
	unprepared                            bool
}{
	{"plain ASCII", "user", "", "pencil", "pencil", "", false},
	{"canary", "user@example.com", "", canary, canary, "", false},
	{"escapes in the user name", "a,b=c=2C", "", "pencil", "pencil", "", false},
	{"authorization identity", "user", "other,one", "pencil", "pencil", "", false},
	{"prepared by SASLprep", "user", "", "pen\u00adcil\u00a0\u2168", "pencil IX", "", false},
	{"emoji, which SASLprep forbids", "user", "", "pencil✏️🖍", "pencil✏️🖍", "", true},
	{"wrong password", "user", "", "pencil", "crayon", "invalid-proof", false},
}

// TestScramAgainstServer has the dialogue with a server that computes for
// itself.
func TestScramAgainstServer(t *testing.T) {
	for mechanism, hash := range map[string]scram.HashGeneratorFcn{"SCRAM-SHA-1": scram.SHA1,
		"SCRAM-SHA-256": scram.SHA256} {
		for _, tt := range scramLogins {
			t.Run(mechanism+" "+tt.name, func(t *testing.T) {
				server := scramServer(t, hash, tt.user, tt.stored)
				x, err := New(mechanism, Credential{User: tt.user, Authzid: tt.authzid, Password: secret.New(tt.password)})
				if err != nil {
					t.Fatal(err)
				}
				wire := strings.TrimPrefix(x.Start().Reveal(), "AUTH "+mechanism+" ")
				for !server.Done() {
					said, err := server.Step(decode(t, wire))
					if err != nil && tt.serverError == "" {
						t.Fatal(err)
					}
					l, err := x.Next(encode(said))
					if err != nil {
						t.Fatal(err)
					}
					wire = l.Reveal()
				}
				if wire != "" {
					t.Errorf("the last response is %q", wire)
				}
				checkScram(t, x.Evidence(), server, tt.serverError, tt.authzid)
				if x.Evidence().Unprepared != tt.unprepared {
					t.Errorf("evidence %+v", x.Evidence())
				}
			})
		}
	}
}

func checkScram(t *testing.T, e Evidence, server *scram.ServerConversation, serverError, authzid string) {
	t.Helper()
	want := ProofVerified
	if serverError != "" {
		want = ProofMissing
	}
	if e.Proof != want || e.ServerError != serverError || e.Iterations != 4096 || e.Challenges != 2 {
		t.Errorf("evidence %+v", e)
	}
	if server.Valid() != (serverError == "") || server.AuthzID() != authzid {
		t.Errorf("the server says valid %v for %q", server.Valid(), server.AuthzID())
	}
}

// TestScramServerWithoutPassword: the server takes any proof, and cannot
// make the signature.
func TestScramServerWithoutPassword(t *testing.T) {
	x := begin(t, "SCRAM-SHA-256", withPassword("user", "pencil"), "rOprNGfwEbeRWgbNEkqO")
	x.Start()
	if p := problem(t, x,
		encode("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")); p != "" {
		t.Fatal(p)
	}
	if e := x.Evidence(); e.Proof != ProofMissing {
		t.Errorf("before the last step: %+v", e)
	}
	if p := problem(t, x, encode("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")); p != ProblemProof {
		t.Errorf("got %q", p)
	}
}

// TestScramNoncesDiffer: each login has its own nonce.
func TestScramNoncesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		x, err := New("SCRAM-SHA-256", withPassword("user", canary))
		if err != nil {
			t.Fatal(err)
		}
		seen[x.Start().Reveal()] = true
	}
	if len(seen) != 50 {
		t.Errorf("%d different among 50", len(seen))
	}
}

// keyedMD5 is HMAC-MD5 as RFC 2104 §2 describes it, made of MD5 alone.
func keyedMD5(key, text string) string {
	if len(key) > 64 {
		sum := md5.Sum([]byte(key))
		key = string(sum[:])
	}
	padded := func(pad byte) string {
		block := []byte(strings.Repeat(string(rune(pad)), 64))
		for i := range len(key) {
			block[i] ^= key[i]
		}
		return string(block)
	}
	inner := md5.Sum([]byte(padded(0x36) + text))
	outer := md5.Sum([]byte(padded(0x5c) + string(inner[:])))
	return hex.EncodeToString(outer[:])
}

func TestCRAMMD5ByHand(t *testing.T) {
	challenge := "<1.2@mx.example.com>"
	for _, password := range []string{"p", canary, strings.Repeat(canary, 20)} {
		converse(t, begin(t, "CRAM-MD5", withPassword("user name", password), ""), []string{
			" → AUTH CRAM-MD5 | AUTH CRAM-MD5",
			challenge + " → user name " + keyedMD5(password, challenge) + " | [user and proof]",
		})
	}
}

var digestLogins = []struct {
	name, user, authzid, password, challenge string
	hashedUser, hashedPassword               string // as the server's database holds them
	realm                                    string
	utf8                                     bool
	hashedRealm                              string // empty: as realm
}{
	{"canary", "user", "", canary, digestChallengeText, "user", canary, "r", true, ""},
	{"letters of ISO 8859-1", "jürg", "", "pässwort", digestChallengeText, "j\xfcrg", "p\xe4sswort", "r", true, ""},
	{"realm in ISO 8859-1", "user", "", "secret", `realm="bücher",nonce="n",algorithm=md5-sess,charset=utf-8`, "user",
		"secret", "bücher", true, "b\xfccher"},
	{"server without UTF-8", "jürg", "", "pässwort", `realm="r",nonce="n",algorithm=md5-sess`, "j\xfcrg", "p\xe4sswort",
		"r", false, ""},
	{"authorization identity", "user", "other", "secret", digestChallengeText, "user", "secret", "r", true, ""},
	{"no realm", "user", "", "secret", `nonce="n",algorithm=MD5-sess,qop="auth-conf, auth"`, "user", "secret", "", false,
		""},
	{"realm of the user name", "user@B.example", "", "secret", `realm="a",realm="b.example",nonce=n,algorithm=md5-sess`,
		"user@B.example", "secret", "b.example", false, ""},
	{"escapes", `us"er\`, "", "secret", `realm="a\"b\\c",nonce="n\"n", ,algorithm="md5-sess"`, `us"er\`, "secret",
		`a"b\c`, false, ""},
}

// TestDIGESTMD5ByHand takes the response apart and computes what the server
// would, in the RFC's own order.
func TestDIGESTMD5ByHand(t *testing.T) {
	for _, tt := range digestLogins {
		t.Run(tt.name, func(t *testing.T) {
			c := withPassword(tt.user, tt.password)
			c.Authzid = tt.authzid
			x := begin(t, "DIGEST-MD5", c, "")
			x.Start()
			l, err := x.Next(encode(tt.challenge))
			if err != nil {
				t.Fatal(err)
			}
			said := decode(t, l.Reveal())
			field := func(name string) string {
				m := regexp.MustCompile(`(?:^|,)` + name + `=(?:"((?:[^"\\]|\\.)*)"|([^",]*))(?:,|$)`).FindStringSubmatch(said)
				if m == nil {
					return ""
				}
				return regexp.MustCompile(`\\(.)`).ReplaceAllString(m[1]+m[2], "$1")
			}
			if field("realm") != tt.realm || field("digest-uri") != "smtp/mx.example.com" || field("authzid") != tt.authzid ||
				(field("charset") == "utf-8") != tt.utf8 {
				t.Errorf("said %q", said)
			}
			h := func(parts ...string) string { s := md5.Sum([]byte(strings.Join(parts, ":"))); return string(s[:]) }
			a1 := []string{h(tt.hashedUser, cmp.Or(tt.hashedRealm, tt.realm), tt.hashedPassword), field("nonce"),
				field("cnonce")}
			if tt.authzid != "" {
				a1 = append(a1, tt.authzid)
			}
			proof := func(method string) string {
				return fmt.Sprintf("%x", h(fmt.Sprintf("%x", h(a1...)), field("nonce"), "00000001", field("cnonce"), "auth",
					fmt.Sprintf("%x", h(method, field("digest-uri")))))
			}
			if got := field("response"); got != proof("AUTHENTICATE") {
				t.Errorf("response %q, want %q", got, proof("AUTHENTICATE"))
			}
			if !hmac.Equal([]byte(x.steps.(*digestMD5).rspauth), []byte(proof(""))) {
				t.Errorf("rspauth %q, want %q", x.steps.(*digestMD5).rspauth, proof(""))
			}
			if p := problem(t, x, encode(`rspauth="`+proof("")+`"`)); p != "" || x.Evidence().Proof != ProofVerified {
				t.Errorf("rspauth: %q, %+v", p, x.Evidence())
			}
		})
	}
}
