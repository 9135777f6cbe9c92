package mcp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"smtptest/bot/results"
	"smtptest/probe"
	"smtptest/probe/domain/domaintest"
	"smtptest/probe/probetest"
)

// named probes the server of the case that its host is called by.
type named struct {
	t  *testing.T
	ca *probetest.CA
}

// Probe implements probe.Prober.
func (n named) Probe(ctx context.Context, req probe.Request, hooks probe.Hooks) (probe.Report, error) {
	all, err := probetest.Cases()
	if err != nil {
		n.t.Fatal(err)
	}
	for _, c := range all {
		if c.Name+".test" == req.Target.Host {
			return probetest.NewNetwork(c, n.ca).Prober().Probe(ctx, c.Request, hooks)
		}
	}
	return (&probe.Local{}).Probe(ctx, req, hooks)
}

// client speaks the protocol line by line, as any program could.
type client struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
}

func connect(t *testing.T) *client {
	t.Helper()
	ca, err := probetest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	scenario := domaintest.Read(t, `
		domain a.test
		zone a.test.
		a.test. MX 10 mx1.a.test.
		mx1.a.test. A 192.0.2.1
		192.0.2.1 ok`)
	s := Server{
		Prober: named{t, ca}, Domains: scenario.Examiner(), Limiter: results.NewMemoryLimiter(results.DefaultLimits()),
	}
	toServer, in := io.Pipe()
	out, fromServer := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- s.Serve(context.Background(), toServer, fromServer) }()
	t.Cleanup(func() {
		_ = in.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	c := &client{t, in, bufio.NewReader(out)}
	c.ask("initialize", `{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}`)
	c.say(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	return c
}

func (c *client) say(line string) {
	if _, err := io.WriteString(c.in, line+"\n"); err != nil {
		c.t.Fatal(err)
	}
}

// ask returns the result of a request, or the error in its place.
func (c *client) ask(method, params string) json.RawMessage {
	c.t.Helper()
	c.say(`{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":` + params + `}`)
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		c.t.Fatal(err)
	}
	var reply struct{ Result, Error json.RawMessage }
	if err := json.Unmarshal(line, &reply); err != nil {
		c.t.Fatalf("%v in %s", err, line)
	}
	return append(reply.Result, reply.Error...)
}

// called is the result of a tool.
type called struct {
	Content []struct {
		Text string
		Meta map[string]any `json:"_meta"`
	}
	StructuredContent json.RawMessage
	IsError           bool
}

func (c *client) call(tool, arguments string) (r called) {
	c.t.Helper()
	raw := c.ask("tools/call", `{"name":"`+tool+`","arguments":`+arguments+`}`)
	if err := json.Unmarshal(raw, &r); err != nil || len(r.Content) == 0 {
		c.t.Fatalf("%s %s: %v in %s", tool, arguments, err, raw)
	}
	return r
}

// TestBadInput: every tool answers bad input with a sentence. A row of
// testdata/calls.tsv is a tool, its arguments, and what is said.
func TestBadInput(t *testing.T) {
	c := connect(t)
	content, err := os.ReadFile("testdata/calls.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n")[1:] {
		row := strings.Split(line, "\t")
		if got := c.call(row[0], row[1]); !got.IsError || got.Content[0].Text != row[2] {
			t.Errorf("%s %s\ngot  %s\nwant %s", row[0], row[1], got.Content[0].Text, row[2])
		}
	}
}

// TestAnswers: the JSON is as the tool's own schema says, and what a server said
// stands in the text that is marked, and in no other.
func TestAnswers(t *testing.T) {
	c := connect(t)
	schemas := c.schemas()
	for _, tt := range []struct{ tool, arguments, ours, theirs string }{
		{"test", `{"target":"good.test:587"}`, "Works: TLS tested, login not tested", "220 mx.example.test ESMTP Postfix"},
		{"test", `{"target":"expired.test","tls":"starttls","timeout":20}`, "Try: Renew the certificate",
			"CN=mx.example.test"},
		{"test", `{"target":"blocked.test:25"}`, "refuses the address that this test comes from", "zen.spamhaus.org"},
		{"domain", `{"domain":"a.test"}`, "a.test", "mx1.a.test"},
		{"explain", `{"text":"535 5.7.8"}`, "user name or password refused", ""},
	} {
		got := c.call(tt.tool, tt.arguments)
		if got.IsError || !strings.Contains(strings.Join(strings.Fields(got.Content[0].Text), " "), tt.ours) {
			t.Errorf("%s: %+v", tt.arguments, got.Content)
			continue
		}
		if tt.theirs != "" {
			wantMarked(t, got, tt.theirs)
			validate(t, schemas[tt.tool], got.StructuredContent)
		}
	}
}

func wantMarked(t *testing.T, got called, theirs string) {
	t.Helper()
	if len(got.Content) != 2 || got.Content[1].Meta["smtptest/untrusted"] != true ||
		!strings.Contains(got.Content[1].Text, theirs) {
		t.Errorf("%q is not in the marked text: %+v", theirs, got.Content)
		return
	}
	lines := strings.Split(got.Content[1].Text, "\n")
	mark := lines[len(lines)-1]
	if len(mark) != 26 || strings.Count(got.Content[1].Text, mark) != 2 {
		t.Errorf("the text is not between two marks: %s", got.Content[1].Text)
	}
	if strings.HasPrefix(theirs, "2") && strings.Contains(got.Content[0].Text, theirs) {
		t.Errorf("the server's words stand in ours: %s", got.Content[0].Text)
	}
}

func (c *client) schemas() map[string]*jsonschema.Schema {
	c.t.Helper()
	var list struct {
		Tools []struct {
			Name                      string
			InputSchema, OutputSchema json.RawMessage
		}
	}
	if err := json.Unmarshal(c.ask("tools/list", "{}"), &list); err != nil || len(list.Tools) != 3 {
		c.t.Fatalf("%v, %d tools", err, len(list.Tools))
	}
	out := map[string]*jsonschema.Schema{}
	for _, tool := range list.Tools {
		compiled(c.t, tool.Name+"-in.json", tool.InputSchema)
		if tool.OutputSchema != nil {
			out[tool.Name] = compiled(c.t, tool.Name+".json", tool.OutputSchema)
		}
	}
	return out
}

func compiled(t *testing.T, name string, schema []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, schema *jsonschema.Schema, content []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err == nil {
		err = schema.Validate(doc)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestLoop: an assistant that asks again and again is told to wait.
func TestLoop(t *testing.T) {
	c := connect(t)
	for range results.DefaultLimits().Target.Most {
		if got := c.call("test", `{"target":"good.test:587"}`); got.IsError {
			t.Fatal(got.Content)
		}
	}
	got := c.call("test", `{"target":"good.test:587"}`)
	if !got.IsError || !strings.HasPrefix(got.Content[0].Text, "That is enough: 10 a minute") {
		t.Errorf("%+v", got)
	}
}

// TestBounce: explain says which server refused a message, also of a long text,
// and shows no address of it.
func TestBounce(t *testing.T) {
	c := connect(t)
	notice, err := json.Marshal("This is the mail system at host mx.example.org.\n\n" +
		"<bob@a.test>: host mx1.a.test[192.0.2.1] said: 550 5.1.1 <bob@a.test>: User unknown " +
		"(in reply to RCPT TO command)\n" +
		strings.Repeat("\x01", 250<<10))
	if err != nil {
		t.Fatal(err)
	}
	got := c.call("explain", `{"text":`+string(notice)+`}`)
	text := got.Content[0].Text
	const verdict = "Not delivered: mx1.a.test at RCPT · 550 5.1.1"
	if got.IsError || !strings.HasPrefix(text, verdict) || strings.Contains(text, "bob") {
		t.Errorf("%.900s", text)
	}
}
