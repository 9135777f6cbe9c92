package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"smtptest/probe"
	"smtptest/probe/domain"
	"smtptest/probe/sasl"
	"smtptest/probe/secret"
)

func newLogin() *probe.Login {
	return &probe.Login{Mechanism: "PLAIN", Private: true, Form: &probe.LoginForm{User: "apikey"},
		Credential: sasl.Credential{User: "ada", Authzid: "bob", Password: secret.New("hunter2"), Token: secret.New("t0ken"),
			Host: "mx.example.org", Port: 587}}
}

// TestSeal: a login opens at its place, for its run and its request, before it
// expires, and in no other case. Its length says nothing about the password's.
func TestSeal(t *testing.T) {
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	other, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	now, request := time.Now(), []byte(`{"op":"probe"}`)
	box, err := key.Public().seal(sealInfo("berlin", "R1"), request, newLogin(), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name          string
		key           *PrivateKey
		place, id     string
		request, text []byte
		at            time.Time
		want          error
	}{
		{"as it was sealed", key, "berlin", "R1", request, box, now, nil},
		{"another run", key, "berlin", "R2", request, box, now, errUnopened},
		{"another place", key, "tokyo", "R1", request, box, now, errUnopened},
		{"another server", key, "berlin", "R1", []byte(`{"op":"probe" }`), box, now, errUnopened},
		{"another key", other, "berlin", "R1", request, box, now, errUnopened},
		{"too late", key, "berlin", "R1", request, box, now.Add(2 * time.Millisecond), errExpired},
		{"cut", key, "berlin", "R1", request, box[:len(box)-1], now, errUnopened},
		{"nearly nothing", key, "berlin", "R1", request, box[:encapsulated], now, errUnopened},
		{"nothing", key, "berlin", "R1", request, nil, now, errUnopened},
		{"changed", key, "berlin", "R1", request, append(bytes.Clone(box[:len(box)-1]), box[len(box)-1]^1), now, errUnopened},
	} {
		login, err := tt.key.open(sealInfo(tt.place, tt.id), tt.request, tt.text, tt.at)
		if !errors.Is(err, tt.want) || (login == nil) != (tt.want != nil) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.want == nil && fmt.Sprint(revealed(login)) != fmt.Sprint(revealed(newLogin())) {
			t.Errorf("%+v", login)
		}
	}
	long := newLogin()
	long.Credential.Password = secret.New(strings.Repeat("x", 64))
	again, err := key.Public().seal(sealInfo("berlin", "R1"), request, long, now)
	if err != nil || len(again) != len(box) {
		t.Errorf("%d and %d octets, %v", len(box), len(again), err)
	}
}

func revealed(l *probe.Login) []any {
	c := l.Credential
	return []any{l.Mechanism, l.Private, *l.Form, c.User, c.Authzid, c.Password.Reveal(), c.Token.Reveal(), c.Host, c.Port}
}

// TestRequestsSurvive: every field of a request is carried. One that is new in
// package probe or domain has to be thought about here.
func TestRequestsSurvive(t *testing.T) {
	var want probe.Request
	fill(t, reflect.ValueOf(&want).Elem())
	want.Login = nil
	want.Target.Host, want.Security, want.Family, want.EHLOName = "mx.example.org", probe.SecurityImplicit, 6, "a.example"
	want.Envelope.From.Domain, want.Envelope.To.Domain = "a.example", "b.example"
	octets, err := json.Marshal(fromRequest(want))
	if err != nil {
		t.Fatal(err)
	}
	var w wireProbe
	if err := json.Unmarshal(octets, &w); err != nil {
		t.Fatal(err)
	}
	if got, err := w.request(want.Timeout); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
	var d domain.Request
	fill(t, reflect.ValueOf(&d).Elem())
	d.Domain, d.Selector = "example.org", "s1"
	r := &asked{timeout: d.Timeout}
	s := &Service{Domains: &domain.Examiner{}}
	if err := s.mailDomain(r, fromDomain(d)); err != nil || !reflect.DeepEqual(r.domain, d) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, r.domain, d)
	}
}

// fill gives every field a value that is not its zero.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(4)
	case reflect.Uint16:
		v.SetUint(25)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[secret.Secret]() {
			return
		}
		if a, ok := v.Addr().Interface().(interface{ UnmarshalText([]byte) error }); ok {
			if err := a.UnmarshalText([]byte("192.0.2.7")); err != nil {
				t.Fatal(err)
			}
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("%s is of a kind that no request had", v.Type())
	}
}

func TestVantages(t *testing.T) {
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	all, err := ParseVantages("# ours\nberlin=" + key.Public().String() + ", tokyo\n\n x-1\n")
	if err != nil || len(all) != 3 || all[0].Key.ID() != key.Public().ID() || all[1].Key != nil || all[2].Name != "x-1" {
		t.Errorf("%+v, %v", all, err)
	}
	many := ""
	for i := range MaxVantages + 1 {
		many += fmt.Sprintf("a%d ", i)
	}
	for _, wrong := range []string{"Berlin", "a a", "a=", "a=xyz", "*", "a.b", many} {
		if all, err := ParseVantages(wrong); err == nil {
			t.Errorf("%q: %+v", wrong, all)
		}
	}
}
