package profile

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/probe"
	"smtptest/probe/guard"
)

const whole = `# the relay
hosts: smtp.example.com:587, SMTP.example.com:465 192.0.2.25:25 [2001:DB8::25]:587
user: relay@example.com
password-file: /run/secrets/relay
slack: U0123ABC, W0456DEF
discord: *
`

func user(p formatting.Platform, ids ...string) bot.Who { return bot.Who{Platform: p, IDs: ids} }

func TestParse(t *testing.T) {
	p, err := parse("relay", whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		who  bot.Who
		want bool
	}{
		{user(formatting.Slack, "U0123ABC"), true}, {user(formatting.Slack, "U0999999"), false},
		{user(formatting.Discord, "1", "2"), true}, {user(formatting.Console, "U0123ABC"), false},
	} {
		if p.allows(tt.who) != tt.want {
			t.Errorf("%+v: %t", tt.who, !tt.want)
		}
	}
	for target, want := range map[probe.Target]bool{
		{Host: "smtp.example.com", Port: 587}: true, {Host: "Smtp.Example.com", Port: 465}: true,
		{Host: "192.0.2.25", Port: 25}: true, {Host: "2001:db8::25", Port: 587}: true, {Host: "192.0.2.25", Port: 587}: false,
		{Host: "smtp.example.com", Port: 25}: false, {Host: "evil.example.com",
			Port: 587}: false, {Host: "smtp.example.com.evil.test", Port: 587}: false,
	} {
		if p.Covers(target) != want {
			t.Errorf("%v: %t", target, !want)
		}
	}
}

func TestWhatIsWrong(t *testing.T) {
	for _, tt := range []struct{ change, with, says string }{
		{"hosts: smtp.example.com:587, SMTP.example.com:465 192.0.2.25:25 [2001:DB8::25]:587\n", "", "hosts is missing"},
		{"smtp.example.com:587", "smtp.example.com", "not written as"},
		{"smtp.example.com:587", "smtp.example.com:0", "not written as"},
		{"user: relay@example.com\n", "", "user is missing"},
		{"password-file: /run/secrets/relay\n", "", "exactly one of"},
		{"password-file: /run/secrets/relay\n", "password: hunter2\n", "this key is not known"},
		{"password-file: /run/secrets/relay\n", "password-file: a\ntoken-file: b\n", "exactly one of"},
		{"password-file: /run/secrets/relay\n", "token-url: http://login.example.com/\n", "does not begin with https://"},
		{"password-file: /run/secrets/relay\n", "token-url: https://login.example.com/\n", "belong together"},
		{"user: ", "user: a\nuser: ", "repeats a key"},
		{"user: relay@example.com", "hunter2", "is not KEY: VALUE"},
		{"# the relay", "mechanism: MAGIC", "this mechanism is not known"},
		{"slack: U0123ABC, W0456DEF\ndiscord: *\n", "", "nobody may use it"},
	} {
		_, err := parse("relay", strings.Replace(whole, tt.change, tt.with, 1))
		if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q for %q: %v, want %q", tt.with, tt.change, err, tt.says)
		}
	}
}

func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSecretsAreReadAtEachUse(t *testing.T) {
	folder, secrets := t.TempDir(), t.TempDir()
	file := write(t, secrets, "relay", "first\n")
	write(t, folder, "relay", strings.Replace(whole, "/run/secrets/relay", file, 1))
	write(t, folder, "Bad Name", whole)
	write(t, folder, ".hidden", "nonsense")
	s, problems := Read(folder, nil)
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "not a profile's name") {
		t.Errorf("problems %v", problems)
	}
	p, ok := s.Find("relay", user(formatting.Slack, "U0123ABC"))
	if !ok {
		t.Fatal("not found")
	}
	for _, want := range []string{"first", "second"} {
		l, err := p.Login(t.Context(), probe.Target{Host: "smtp.example.com", Port: 587})
		if err != nil || l.Credential.Password.Reveal() != want || l.Credential.User != "relay@example.com" {
			t.Errorf("%v, %+v", err, l)
		}
		write(t, secrets, "relay", "second\n")
	}
	os.Remove(file)
	if _, err := p.Login(t.Context(), probe.Target{}); err == nil ||
		err.Error() != "profile relay: password-file: the file cannot be read, or is too large" {
		t.Errorf("got %v", err)
	}
	if _, ok := s.Find("relay", user(formatting.Slack, "U0999999")); ok || len(s.Names(user(formatting.Slack))) > 0 {
		t.Error("a stranger found it")
	}
	if got := s.Names(user(formatting.Discord, "1")); len(got) != 1 {
		t.Errorf("names %v", got)
	}
}

// token is a server of tokens that answers as f says.
func token(t *testing.T, f http.HandlerFunc) *Profile {
	t.Helper()
	server := httptest.NewTLSServer(f)
	t.Cleanup(server.Close)
	at := netip.MustParseAddrPort(server.Listener.Addr().String())
	client := Client(guard.Policy{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Ports: []uint16{at.Port()}})
	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	client.Transport.(bounded).next.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
	file := write(t, t.TempDir(), "client", "s3cret\n")
	p, err := parse("relay", fmt.Sprintf("hosts: a.example.com:587\nuser: u\ntoken-url: %s/token\nclient-id: "+
		"me\nclient-secret-file: %s\nscope: a b\nslack: *\n", server.URL, file))
	if err != nil {
		t.Fatal(err)
	}
	p.client = client
	return p
}

func TestTokensAreFetched(t *testing.T) {
	p := token(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "a b" || user != "me" ||
			password != "s3cret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"access_token": "t0ken", "token_type": "Bearer", "expires_in": 60})
	})
	l, err := p.Login(t.Context(), probe.Target{Host: "a.example.com", Port: 587})
	if err != nil || l.Credential.Token.Reveal() != "t0ken" {
		t.Errorf("%v, %+v", err, l)
	}
}

func TestTokensThatAreNotToBeHad(t *testing.T) {
	answers := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text))
		}
	}
	for _, tt := range []struct {
		f    http.HandlerFunc
		says string
	}{
		{answers(401, `{"error":"invalid_client","error_description":"s3cret is wrong"}`), "invalid_client"},
		{answers(400, `{"error":"s3cret"}`), "HTTP 400"},
		{answers(503, "down"), "HTTP 503"},
		{answers(200, strings.Repeat("x", 1<<20)), "no token came back"},
		{answers(200, `{"access_token":"`+strings.Repeat("x", 1<<20)+`"}`), "no token came back"},
		{answers(400, `{"error":"<!channel> s3cret"}`), "HTTP 400"},
		{func(w http.ResponseWriter, r *http.Request) {
			for i := range 40_000 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("h", 100))
			}
		}, "no token came back"},
		{answers(200, `{"access_token":""}`), "no token came back"},
		{func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "no token came back"},
		{func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "not reached (closed)"},
	} {
		p := token(t, tt.f)
		if _, err := p.Login(t.Context(), probe.Target{}); err == nil || err.Error() != "profile relay: token-url: "+tt.says {
			t.Errorf("%v, want %s", err, tt.says)
		}
	}
}

// TestTheClientSecretGoesNowhereElse: a token server that sends us on, to itself or
// to another one, is not obeyed, however it does so.
func TestTheClientSecretGoesNowhereElse(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var asked, others atomic.Int64
		other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			others.Add(1)
			_, _ = w.Write([]byte(`{"access_token":"t","token_type":"bearer"}`))
		}))
		p := token(t, func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1); r.URL.Path == "/token" {
				http.Redirect(w, r, other.URL, status)
			}
		})
		at := netip.MustParseAddrPort(other.Listener.Addr().String())
		p.client.Transport.(bounded).next.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true
		p.client.Transport.(bounded).next.(*http.Transport).DialContext = nil // the guard would stop it too
		_, err := p.Login(t.Context(), probe.Target{})
		if err == nil || strings.Contains(err.Error(), at.String()) || others.Load() != 0 || asked.Load() > 2 {
			t.Errorf("%d: %v, asked %d times, the other one %d times", status, err, asked.Load(), others.Load())
		}
		other.Close()
	}
}

// TestTokensComeThroughTheGuard: the default policy closes the network of the
// token server.
func TestTokensComeThroughTheGuard(t *testing.T) {
	reached := false
	p := token(t, func(http.ResponseWriter, *http.Request) { reached = true })
	p.client = Client(guard.Policy{})
	if _, err := p.Login(context.Background(), probe.Target{}); err == nil ||
		!strings.Contains(err.Error(), "SMTPTEST_ALLOW_NETWORKS") || reached {
		t.Errorf("%v, reached %t", err, reached)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("hosts: a:1\nuser: b\ntoken-url: https://c\nclient-id: d\nclient-secret-file: e\nslack: *")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parse("x", text)
		if err == nil && (len(p.targets) == 0 || p.user == "" || len(p.users) == 0) {
			t.Errorf("incomplete: %+v", p)
		}
	})
}
