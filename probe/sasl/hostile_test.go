package sasl

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"smtptest/probe/secret"
)

// nonce is ours in the tests of SCRAM and DIGEST-MD5.
const nonce = "client0123456789"

const digestChallengeText = `realm="r",nonce="n",qop="auth",algorithm=md5-sess,charset=utf-8`

// prompts that decide nothing may come in many ways.
var prompts = []struct {
	name string
	said []string // the text of each 334
	want []string // the marks
	seen Evidence
}{
	{"usual", []string{"VXNlcm5hbWU6", "UGFzc3dvcmQ6"}, []string{markUser, markPassword},
		Evidence{Prompts: []string{"Username:", "Password:"}}},
	{"the password first", []string{"UGFzc3dvcmQ6", "VXNlcm5hbWU6"}, []string{markPassword, markUser},
		Evidence{Prompts: []string{"Password:", "Username:"}}},
	{"empty", []string{"", ""}, []string{markUser, markPassword}, Evidence{}},
	{"in another language", []string{encode("Usuario"), encode("Contraseña")}, []string{markUser, markPassword},
		Evidence{Prompts: []string{"Usuario", "Contraseña"}}},
	{"the same twice", []string{"VXNlcm5hbWU6", "VXNlcm5hbWU6"}, []string{markUser, markPassword},
		Evidence{Prompts: []string{"Username:", "Username:"}}},
	{"password twice", []string{"UGFzc3dvcmQ6", "UGFzc3dvcmQ6"}, []string{markPassword, markUser},
		Evidence{Prompts: []string{"Password:", "Password:"}}},
	{"not encoded", []string{"Username:", "Password: "}, []string{markUser, markPassword},
		Evidence{Unencoded: true, Prompts: []string{"Username:", "Password:"}}},
	{"spaces around", []string{" VXNlcm5hbWU6 ", "UGFzc3dvcmQ6 "}, []string{markUser, markPassword},
		Evidence{Prompts: []string{"Username:", "Password:"}}},
	{"unprintable", []string{encode("\x1b[2JName\u202e"), encode("a\xff")}, []string{markUser, markPassword},
		Evidence{Prompts: []string{`\x1b[2JName\u{202e}`, `a\xff`}}},
	{"secret in it", []string{encode("not " + canary + "?"), encode(encode("\x00u\x00" + canary))},
		[]string{markUser, markPassword},
		Evidence{Prompts: []string{"not [redacted]?", encode("\x00u\x00" + canary)[:4] + "[redacted]"}}},
	{"long", []string{encode(strings.Repeat("é", 1000)), ""}, []string{markUser, markPassword},
		Evidence{Prompts: []string{strings.Repeat("é", 128)}}},
}

func TestPromptsOfLOGIN(t *testing.T) {
	for _, tt := range prompts {
		t.Run(tt.name, func(t *testing.T) {
			x := begin(t, "LOGIN", withPassword("user", canary), "")
			if got := x.Start().Reveal(); got != "AUTH LOGIN" {
				t.Errorf("begins with %q", got)
			}
			wire := map[string]string{markUser: encode("user"), markPassword: encode(canary)}
			for i, said := range tt.said {
				l, err := x.Next(said)
				if err != nil || l.Shown != tt.want[i] || l.Reveal() != wire[tt.want[i]] {
					t.Fatalf("%q is answered with %q shown as %q, %v", said, l.Reveal(), l.Shown, err)
				}
			}
			tt.seen.Mechanism, tt.seen.Challenges = "LOGIN", 2
			if got := x.Evidence(); !reflect.DeepEqual(got, tt.seen) {
				t.Errorf("evidence %+v, want %+v", got, tt.seen)
			}
			if p := problem(t, x, "VXNlcm5hbWU6"); p != ProblemUnexpected {
				t.Errorf("a third prompt: %q", p)
			}
		})
	}
}

// serverFirstWith is a server-first-message with this count.
func serverFirstWith(count string) string { return encode("r=" + nonce + "x,s=AAAA,i=" + count) }

var hostile = []struct {
	name, mechanism string
	said            []string
	want            Problem // what the last one leads to; those before are answered
}{
	{"challenge after the last response", "PLAIN", []string{""}, ProblemUnexpected},
	{"not base64", "CRAM-MD5", []string{"<1@host>"}, ProblemEncoding},
	{"base64 without padding", "CRAM-MD5", []string{"YQ"}, ProblemEncoding},
	{"base64 over two lines", "CRAM-MD5", []string{"YWJj\nYWJj"}, ProblemEncoding},
	{"huge", "CRAM-MD5", []string{strings.Repeat("A", 12284)}, ProblemLength},
	{"huge and not base64", "LOGIN", []string{strings.Repeat("?", 1<<20)}, ProblemLength},
	{"empty", "CRAM-MD5", []string{""}, ProblemMalformed},
	{"second challenge", "CRAM-MD5", []string{"YQ==", "YQ=="}, ProblemUnexpected},
	{"empty", "SCRAM-SHA-256", []string{""}, ProblemMalformed},
	{"garbage", "SCRAM-SHA-1", []string{encode("\xff\x00,,,===")}, ProblemMalformed},
	{"extension that must be understood", "SCRAM-SHA-1", []string{encode("m=x,r=" + nonce + "x,s=AAAA,i=4096")},
		ProblemMalformed},
	{"no salt", "SCRAM-SHA-256", []string{encode("r=" + nonce + "x,i=4096,s=AAAA")}, ProblemMalformed},
	{"salt not base64", "SCRAM-SHA-256", []string{encode("r=" + nonce + "x,s=?,i=4096")}, ProblemMalformed},
	{"no count", "SCRAM-SHA-256", []string{encode("r=" + nonce + "x,s=AAAA")}, ProblemMalformed},
	{"count not a number", "SCRAM-SHA-256", []string{serverFirstWith("4e3")}, ProblemMalformed},
	{"count empty", "SCRAM-SHA-256", []string{serverFirstWith("")}, ProblemMalformed},
	{"count with a sign", "SCRAM-SHA-256", []string{serverFirstWith("-1")}, ProblemMalformed},
	{"count of none", "SCRAM-SHA-256", []string{serverFirstWith("0")}, ProblemIterations},
	{"count one too high", "SCRAM-SHA-256", []string{serverFirstWith("1000001")}, ProblemIterations},
	{"count of days", "SCRAM-SHA-256", []string{serverFirstWith("2147483647")}, ProblemIterations},
	{"count beyond all numbers", "SCRAM-SHA-1", []string{serverFirstWith(strings.Repeat("9", 999))}, ProblemIterations},
	{"another nonce", "SCRAM-SHA-256", []string{encode("r=other,s=AAAA,i=4096")}, ProblemNonce},
	{"nonce cut", "SCRAM-SHA-256", []string{encode("r=" + nonce[:5] + ",s=AAAA,i=4096")}, ProblemNonce},
	{"wrong signature", "SCRAM-SHA-256", []string{serverFirstWith("4096"), encode("v=AAAA")}, ProblemProof},
	{"empty signature", "SCRAM-SHA-1", []string{serverFirstWith("1"), encode("v=")}, ProblemProof},
	{"signature not base64", "SCRAM-SHA-1", []string{serverFirstWith("1"), encode("v=?")}, ProblemProof},
	{"no signature", "SCRAM-SHA-1", []string{serverFirstWith("1"), ""}, ProblemMalformed},
	{"challenge after a refusal", "SCRAM-SHA-1",
		[]string{serverFirstWith("1"), encode("e=invalid-proof"), encode("v=AAAA")}, ProblemUnexpected},
	{"nonce that makes the response too long", "SCRAM-SHA-1",
		[]string{encode("r=" + nonce + strings.Repeat("x", 9170) + ",s=AAAA,i=1")}, ProblemResponse},
	{"empty", "DIGEST-MD5", []string{""}, ProblemMalformed},
	{"garbage", "DIGEST-MD5", []string{encode("nonce=\"")}, ProblemMalformed},
	{"end inside an escape", "DIGEST-MD5", []string{encode(`nonce="n\`)}, ProblemMalformed},
	{"no nonce", "DIGEST-MD5", []string{encode(`realm="r",algorithm=md5-sess`)}, ProblemMalformed},
	{"two nonces", "DIGEST-MD5", []string{encode(digestChallengeText + `,nonce="m"`)}, ProblemMalformed},
	{"no algorithm", "DIGEST-MD5", []string{encode(`nonce="n"`)}, ProblemMalformed},
	{"algorithm of HTTP", "DIGEST-MD5", []string{encode(`nonce="n",algorithm=MD5`)}, ProblemMalformed},
	{"unknown character set", "DIGEST-MD5", []string{encode(`nonce="n",algorithm=md5-sess,charset=koi8-r`)},
		ProblemMalformed},
	{"no authentication alone", "DIGEST-MD5", []string{encode(`nonce="n",algorithm=md5-sess,qop="auth-int,auth-conf"`)},
		ProblemQuality},
	{"ISO 8859-1 alone", "DIGEST-MD5", []string{encode(`nonce="n",algorithm=md5-sess`)}, ProblemCharset},
	{"wrong rspauth", "DIGEST-MD5", []string{encode(digestChallengeText),
		encode("rspauth=ea40f60335c427b5527b84dbabcdfffd")}, ProblemProof},
	{"challenge in place of rspauth", "DIGEST-MD5", []string{encode(digestChallengeText), encode(digestChallengeText)},
		ProblemMalformed},
	{"empty rspauth", "DIGEST-MD5", []string{encode(digestChallengeText), ""}, ProblemMalformed},
	{"nonce that makes the response too long", "DIGEST-MD5",
		[]string{encode(`algorithm=md5-sess,charset=utf-8,nonce=` + strings.Repeat("x", 9100))}, ProblemResponse},
	{"refusal not base64", "XOAUTH2", []string{`{"status":"400"}`}, ProblemEncoding},
	{"second refusal", "XOAUTH2", []string{encode(`{}`), encode(`{}`)}, ProblemUnexpected},
	{"second refusal", "OAUTHBEARER", []string{"", ""}, ProblemUnexpected},
}

func TestHostileChallenges(t *testing.T) {
	for _, tt := range hostile {
		t.Run(tt.mechanism+" "+tt.name, func(t *testing.T) {
			x := begin(t, tt.mechanism, canaries(tt.mechanism), nonce)
			x.Start()
			began, got := time.Now(), Problem("")
			for i, said := range tt.said {
				if got = problem(t, x, said); got != "" && i < len(tt.said)-1 {
					t.Fatalf("challenge %d: %q", i, got)
				}
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if wrong := x.Evidence().Proof == ProofWrong; wrong != (tt.want == ProblemProof) {
				t.Errorf("evidence %+v", x.Evidence())
			}
			if p := problem(t, x, ""); p != ProblemUnexpected {
				t.Errorf("after the cancellation: %q", p)
			}
			if x.Evidence().Problem != tt.want {
				t.Errorf("evidence %+v", x.Evidence())
			}
		})
	}
}

// canaries is a credential that any mechanism but those for tokens takes.
func canaries(mechanism string) Credential {
	if m, _ := methodOf(mechanism); m.token {
		return withToken("user", token)
	}
	return withPassword("user", canary)
}

// endless asks for more whatever it gets.
type endless struct{}

func (endless) start() (response, bool)                 { return response{}, false }
func (endless) next([]byte, *notes) (response, Problem) { return response{"", markEmpty}, "" }

func TestChallengesEnd(t *testing.T) {
	x := newExchange(method{name: "ENDLESS"}, endless{}, Credential{})
	for range maxChallenges {
		if p := problem(t, x, ""); p != "" {
			t.Fatal(p)
		}
	}
	if p := problem(t, x, ""); p != ProblemChallenges {
		t.Errorf("challenge 11: %q", p)
	}
}

// TestLongInitialResponse: a token of Microsoft's does not fit into a
// command line, and waits for the server's challenge.
func TestLongInitialResponse(t *testing.T) {
	for _, tt := range []struct {
		length   int // of the token
		deferred bool
	}{{348, false}, {349, true}, {2000, true}} {
		x := begin(t, "XOAUTH2", withToken("user", strings.Repeat("t", tt.length)), "")
		command := x.Start()
		if deferred := command.Reveal() == "AUTH XOAUTH2" && command.Shown == "AUTH XOAUTH2"; deferred != tt.deferred ||
			len(command.Reveal()) > 510 {
			t.Errorf("%d octets: %d octets shown as %q", tt.length, len(command.Reveal()), command.Shown)
		}
		if !tt.deferred {
			continue
		}
		l, err := x.Next("ok. go on.")
		if want := encode(xoauth2(withToken("user", strings.Repeat("t", tt.length)))); err != nil || l.Reveal() != want ||
			l.Shown != markUserAndToken {
			t.Errorf("%d octets: %q, %v", tt.length, l.Shown, err)
		}
		l, err = x.Next(encode(`{"status":400,"schemes":["x"],"scope":null}`))
		want := Evidence{Mechanism: "XOAUTH2", Challenges: 2, Deferred: true, Unencoded: true,
			Prompts: []string{"ok. go on."}, TokenError: &TokenError{Status: "400"}}
		if got := x.Evidence(); err != nil || l.Shown != markEmpty || l.Reveal() != "" || !reflect.DeepEqual(got, want) {
			t.Errorf("%q, %v, %+v", l.Shown, err, got)
		}
	}
}

func TestResponseLongerThanALine(t *testing.T) {
	x := begin(t, "PLAIN", Credential{User: "user", Password: secret.New(strings.Repeat(canary, 1000))}, "")
	x.Start()
	if p := problem(t, x, ""); p != ProblemResponse {
		t.Errorf("got %q", p)
	}
}

// TestEchoOfAProof: what a client computes from the password is masked when the
// server repeats it, encoded, decoded or in part. With nonce and salt beside it a
// reader could try out passwords.
func TestEchoOfAProof(t *testing.T) {
	for mechanism, said := range map[string]string{
		"SCRAM-SHA-256": serverFirstWith("4096"), "SCRAM-SHA-1": serverFirstWith("1"),
		"CRAM-MD5": encode("<1@host>"), "DIGEST-MD5": encode(digestChallengeText),
	} {
		x := begin(t, mechanism, withPassword("alice@example.com", "sunshine42"), nonce)
		x.Start()
		line, err := x.Next(said)
		if err != nil {
			t.Fatal(mechanism, err)
		}
		wire := line.Reveal()
		plain, _ := base64.StdEncoding.DecodeString(wire)
		proof := regexp.MustCompile(`(?:,p=|response=| )([0-9A-Za-z+/=]{20,})`).FindSubmatch(plain)[1]
		for _, echo := range []string{
			wire, string(plain), strings.ToUpper(string(proof)), string(proof[:12]), encode(wire), wire[len(wire)-24:],
		} {
			shown := x.MaskLine("535 5.7.8 cannot understand " + echo + "\r\n")
			if !strings.Contains(shown, "[redacted]") || strings.Contains(shown, string(proof[4:10])) ||
				!strings.HasPrefix(shown, "535 5.7.8 cannot understand ") {
				t.Errorf("%s: %q is shown as %q", mechanism, echo, shown)
			}
		}
	}
}

// TestSecretBeforeUser: a PLAIN response that is cut keeps nothing of the
// password, though the user name is in it too.
func TestSecretBeforeUser(t *testing.T) {
	x := begin(t, "PLAIN", withPassword("alice@mx.a.test", "Xk9-canary_Pass.word7!Q"), "")
	_, blob, _ := strings.Cut(x.Start().Reveal(), "PLAIN ")
	if got := x.MaskLine("535 " + blob[:48]); got != "535 [redacted]" {
		t.Errorf("%q is shown as %q", blob[:48], got)
	}
	if got := x.MaskLine("535 alice@mx.a.test is unknown"); got != "535 a...@mx.a.test is unknown" {
		t.Errorf("got %q", got)
	}
}

// TestSpread: a secret that comes in pieces too short to be recognised, over lines
// and replies, as it is or in base64, is noticed as soon as six octets are
// together, and what was computed from it too.
func TestSpread(t *testing.T) {
	const password = "Xk9-canary_Pass.word7!Q"
	pieces := func(text string, n int) (all []string) {
		for piece := range slices.Chunk([]byte(text), n) {
			all = append(all, string(piece))
		}
		return all
	}
	for name, lines := range map[string][]string{
		"fives": pieces(password, 5), "single": pieces(password, 1), "base64": pieces(encode(password), 7),
		"ends": {"you said Xk9-", "canary, not"}, "halves": pieces(password, 12),
	} {
		for _, coded := range []bool{false, true} {
			x := begin(t, "PLAIN", withPassword("alice", password), "")
			x.Start()
			x.MaskLine("535-5.7.8 wrong password\r\n")
			if x.Spread() {
				t.Fatalf("%s: an ordinary line is taken for a spread secret", name)
			}
			for _, line := range lines {
				if coded {
					line = encode(line)
				}
				x.MaskLine("334 " + line + "\r\n")
			}
			if !x.Spread() {
				t.Errorf("%s, in base64 %t: not noticed", name, coded)
			}
			if got := x.MaskText("word7!Q"); x.Spread() && got != "[not shown]" {
				t.Errorf("%s: afterwards %q is shown", name, got)
			}
		}
	}
}

// TestPrivate: of a server's words only the codes are left, and the exchange
// goes on all the same.
func TestPrivate(t *testing.T) {
	for line, want := range map[string]string{
		"535 5.7.8 no: hunter2\r\n": "535 5.7.8 [not shown]\r\n", "535-": "535-", "250 ok": "250 [not shown]",
		"334 ": "334 ", "235 2.7.0": "235 2.7.0", "what": "[not shown]", "535 5.7.8x": "535 [not shown]",
	} {
		x := begin(t, "LOGIN", withPassword("user", canary), "")
		x.KeepPrivate()
		if got := x.MaskLine(line); got != want {
			t.Errorf("%q is shown as %q, want %q", line, got, want)
		}
	}
	x := begin(t, "LOGIN", withPassword("user", canary), "")
	x.KeepPrivate()
	if got := x.MaskText("5.7.8 no: hunter2"); got != "5.7.8 [not shown]" {
		t.Errorf("behind its code a line is shown as %q", got)
	}
	x = begin(t, "SCRAM-SHA-1", withPassword("user", canary), nonce)
	x.KeepPrivate()
	x.Start()
	masked := x.MaskLine("334 " + serverFirstWith("4096"))
	if line, err := x.Next(strings.TrimPrefix(masked, "334 ")); err != nil || line.Shown != markProof {
		t.Errorf("%q is answered with %q, %v", masked, line.Shown, err)
	}
}

func TestRefusalThatIsNotJSON(t *testing.T) {
	x := begin(t, "OAUTHBEARER", withToken("user", token), "")
	x.Start()
	l, err := x.Next(encode("no: " + token))
	want := Evidence{Mechanism: "OAUTHBEARER", Challenges: 1, Prompts: []string{"no: [redacted]"},
		TokenError: &TokenError{}}
	if err != nil || l.Reveal() != "AQ==" || !reflect.DeepEqual(x.Evidence(), want) {
		t.Errorf("%q, %v, %+v", l.Reveal(), err, x.Evidence())
	}
}

// checkHidden looks for the canaries in what may be printed.
func checkHidden(t *testing.T, printed ...any) {
	t.Helper()
	for _, p := range printed {
		for _, value := range []string{canary, token} {
			if text := fmt.Sprintf("%v %+v %#v", p, p, p); secret.New(value).In(text) {
				t.Errorf("%q holds a canary", text)
			}
		}
	}
}

// TestNoSecretIsPrinted lets a server send back whatever it gets, as it is,
// decoded and encoded, for every mechanism.
func TestNoSecretIsPrinted(t *testing.T) {
	echoes := map[string]func(wire, value string) string{
		"as it is": func(wire, _ string) string { return wire },
		"encoded":  func(wire, _ string) string { return encode(wire) },
		"bare":     func(_, value string) string { return value },
		"in JSON":  func(_, value string) string { return encode(fmt.Sprintf(`{"status":%q,"scope":"%x"}`, value, value)) },
		"as error": func(_, value string) string { return encode("e=" + value) },
		"as realm": func(_, value string) string { return encode(digestChallengeText + `,realm="` + encode(value) + `"`) },
		"proper":   func(_, _ string) string { return serverFirstWith("1") },
	}
	for _, m := range methods() {
		for name, echo := range echoes {
			c := canaries(m.name)
			x := begin(t, m.name, c, nonce)
			l, err := x.Start(), error(nil)
			for range 4 {
				said := echo(l.Reveal(), c.Password.Reveal()+c.Token.Reveal())
				checkHidden(t, x.MaskLine(said))
				l, err = x.Next(said)
				checkHidden(t, l, &l, err, x, *x, x.Evidence(), x.Evidence().TokenError)
				if l.Shown == "" {
					t.Errorf("%s %s: a line without a mark", m.name, name)
				}
			}
		}
	}
}

func TestMaskOfReplies(t *testing.T) {
	for _, tt := range []struct{ mechanism, in, want string }{
		{"SCRAM-SHA-1", encode("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), "[server signature]"},
		{"SCRAM-SHA-256", "2.7.0 " + encode("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=") + " ok",
			"2.7.0 [server signature] ok"},
		{"SCRAM-SHA-256", "2.7.0 v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "2.7.0 [server signature]"},
		{"SCRAM-SHA-1", "334 " + encode("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=") + "\r\n", "334 [server signature]\r\n"},
		{"SCRAM-SHA-1", serverFirstWith("4096"), serverFirstWith("4096")},
		{"SCRAM-SHA-1", "5.7.8 bad password " + canary, "5.7.8 bad password [redacted]"},
		{"PLAIN", "2.7.0 v=1", "2.7.0 v=1"},
		{"PLAIN", "5.7.8 " + encode(canary), "5.7.8 [redacted]"},
		{"OAUTHBEARER", "5.7.8 " + token, "5.7.8 [redacted]"},
	} {
		if got := begin(t, tt.mechanism, canaries(tt.mechanism), "").MaskLine(tt.in); got != tt.want {
			t.Errorf("%s: %q became %q, want %q", tt.mechanism, tt.in, got, tt.want)
		}
	}
}

// TestNextAfterMask: whoever reads the replies may mask them before anything
// else sees them, as whole lines or as text.
func TestNextAfterMask(t *testing.T) {
	for _, tt := range examples {
		for _, line := range []struct{ before, after string }{{"", ""}, {"334 ", "\r\n"}, {"334 ", "\n"}} {
			x := begin(t, tt.mechanism, tt.credential, tt.nonce)
			x.Start()
			for i, step := range tt.steps[1:] {
				server, client, _ := strings.Cut(step, " → ")
				wire, _, _ := strings.Cut(client, " | ")
				masked := x.MaskLine(line.before + encode(server) + line.after)
				text := strings.TrimSuffix(strings.TrimPrefix(masked, line.before), line.after)
				if l, err := x.Next(text); err != nil || l.Reveal() != encode(wire) {
					t.Errorf("%s, step %d: %q is answered with %q, %v", tt.mechanism, i+1, text, l.Shown, err)
				}
			}
		}
	}
}

// TestPasswordInTheChallenge: the mask tears a hole into the base64, and the
// answer has to be that to the whole challenge.
func TestPasswordInTheChallenge(t *testing.T) {
	x := begin(t, "CRAM-MD5", withPassword("user", "mail"), "")
	x.Start()
	masked := x.MaskLine("334 " + encode("<1.2@mail.example>") + "\r\n")
	if !strings.Contains(masked, "[redacted]") {
		t.Errorf("not masked: %q", masked)
	}
	l, err := x.Next(strings.TrimSpace(strings.TrimPrefix(masked, "334 ")))
	if want := encode("user " + keyedMD5("mail", "<1.2@mail.example>")); err != nil || l.Reveal() != want {
		t.Errorf("%q, %v; want %q", l.Reveal(), err, want)
	}
}

// TestMarkFromTheServer: the mark itself, sent by a server, hides nothing.
func TestMarkFromTheServer(t *testing.T) {
	x := begin(t, "SCRAM-SHA-1", withPassword("user", "pencil"), nonce)
	x.Start()
	if p := problem(t, x, x.MaskLine("[server signature]")); p != ProblemEncoding {
		t.Errorf("got %q", p)
	}
}

func TestIdentityOfOAUTHBEARER(t *testing.T) {
	c := Credential{User: "a=b,c@example.com", Token: secret.New("t")}
	if got, want := oauthBearer(c), "n,a=a=3Db=2Cc@example.com,\x01auth=Bearer t\x01\x01"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	c.Authzid = "other"
	if got, want := oauthBearer(c), "n,a=other,\x01auth=Bearer t\x01\x01"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestUserNamesAreShownInPart: a server that repeats the user name does not
// show it to those who read the transcript.
func TestUserNamesAreShownInPart(t *testing.T) {
	for user, want := range map[string]string{
		"ada@example.test": "535 no such user a...@example.test, really", "postmaster": "535 no such user p..., really",
		"ada": "535 no such user ada, really",
	} {
		x, err := New("PLAIN", Credential{User: user, Password: secret.New("correct horse")})
		if err != nil {
			t.Fatal(err)
		}
		if got := x.MaskLine("535 no such user " + user + ", really"); got != want {
			t.Errorf("%s: %q, want %q", user, got, want)
		}
	}
}
