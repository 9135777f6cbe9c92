// Package openapi_test holds requests of the bot against Discord's own
// description of its REST API. It is a module of its own, so that the bot
// depends on nothing of it.
//
//	go test ./bot/bottest/fakediscord -requests=FILE
//	cd bot/bottest/fakediscord/openapi && go test . -requests=FILE
//
// FILE is what Server.WriteRequests writes: one JSON object a line. Without
// it, a few lines of this file are held against the description, so that
// the check itself is checked. The description lies beside the checkout, in
// shared/data; where it does not, the tests are skipped.
package openapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

var (
	description = flag.String("description", filepath.FromSlash("../../../../../shared/data/discord-openapi.json"), "Discord's description of its REST API")
	requests    = flag.String("requests", "", "file of requests, one JSON object a line")
)

// load reads the description once; that takes some seconds.
var load = sync.OnceValues(func() (validator.Validator, error) {
	octets, err := os.ReadFile(*description)
	if err != nil {
		return nil, err
	}
	document, err := libopenapi.NewDocument(octets)
	if err != nil {
		return nil, err
	}
	v, errs := validator.NewValidator(document)
	return v, errors.Join(errs...)
})

func loaded(t *testing.T) validator.Validator {
	t.Helper()
	v, err := load()
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("left out: Discord's description does not lie beside the checkout: ", *description)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// line is one request.
type line struct {
	Method, Path, Query string
	Body                json.RawMessage
}

// tolerated lists where Discord's documentation takes more than its
// description does.
func tolerated() []string {
	return []string{
		// API Reference, Uploading Files: the examples have numbers.
		"/properties/attachments/items/$ref/properties/id/$ref/type: got number, want string",
		// Application Commands, Application Command Object: a string.
		"/properties/default_member_permissions/type: got string, want null or integer",
	}
}

// faults says what the description has against a request.
func faults(t *testing.T, v validator.Validator, l line) []string {
	t.Helper()
	r, err := http.NewRequest(l.Method, "https://discord.com/api/v10"+l.Path+"?"+l.Query, bytes.NewReader(l.Body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bot token") // without, every route is refused that can do with it
	if len(l.Body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	_, errs := v.ValidateHttpRequestSync(r)
	var out []string
	for _, e := range errs {
		words := []string{e.Message}
		for _, s := range e.SchemaValidationErrors {
			word := s.KeywordLocation + ": " + s.Reason
			if !slices.ContainsFunc(tolerated(), func(known string) bool { return strings.HasSuffix(word, known) }) {
				words = append(words, word)
			}
		}
		if len(words) > 1 || len(e.SchemaValidationErrors) == 0 {
			out = append(out, strings.Join(words, "\n    "))
		}
	}
	return out
}

// TestRequests holds every line of the file against the description.
func TestRequests(t *testing.T) {
	if *requests == "" {
		t.Skip("no -requests")
	}
	v := loaded(t)
	file, err := os.Open(*requests)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n := 0
	for in := json.NewDecoder(file); ; n++ {
		var l line
		if err := in.Decode(&l); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("request %d: %v", n+1, err)
		}
		for _, f := range faults(t, v, l) {
			t.Errorf("request %d: %s %s: %s\n%.300s", n+1, l.Method, l.Path, f, l.Body)
		}
	}
	if n == 0 {
		t.Error("there are no requests in ", *requests)
	}
	t.Log(n, " requests")
}

// TestFaults: the check can fail.
func TestFaults(t *testing.T) {
	v := loaded(t)
	label := `{"type":18,"label":"User name","component":{"type":4,"style":1,"custom_id":"u"}}`
	for _, c := range []struct {
		name, method, path, body string
		ok                       bool
	}{
		{"message", "POST", "/channels/1/messages", `{"content":"a","nonce":"n","enforce_nonce":true,"allowed_mentions":{"parse":[]}}`, true},
		{"content is a number", "POST", "/channels/1/messages", `{"content":1}`, false},
		{"thread", "POST", "/channels/1/messages/2/threads", `{"name":"a","auto_archive_duration":1440}`, true},
		{"thread without a name", "POST", "/channels/1/messages/2/threads", `{}`, false},
		{"modal", "POST", "/interactions/1/token/callback", `{"type":9,"data":{"custom_id":"m","title":"t","components":[` + label + `]}}`, true},
		{"modal with a long title", "POST", "/interactions/1/token/callback", `{"type":9,"data":{"custom_id":"m","title":"` + strings.Repeat("a", 46) + `","components":[` + label + `]}}`, false},
		{"no such route", "POST", "/nowhere", `{}`, false},
	} {
		if got := faults(t, v, line{Method: c.method, Path: c.path, Body: json.RawMessage(c.body)}); (len(got) == 0) != c.ok {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
