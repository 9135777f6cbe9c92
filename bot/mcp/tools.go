package mcp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"smtptest/bot/command"
	"smtptest/bot/results"
	"smtptest/formatting"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/plain"
	"smtptest/probe"
	"smtptest/probe/bounce"
	"smtptest/probe/diagnosis"
	"smtptest/probe/diagnosis/delivery"
	"smtptest/probe/domain"
	"smtptest/probe/explain"
)

// tool is one thing that an assistant can ask for.
type tool struct {
	*mcp.Tool
	run func(context.Context, json.RawMessage) (*mcp.CallToolResult, error)
}

// argument is one row of a tool's input.
type argument struct {
	name, about string
	choices     []string // the only values; nil: any text
}

// optional are the arguments that are options of the grammar, of the same name.
var optional = []argument{
	{"tls", "auto (default): TLS at once on port 465, else STARTTLS if offered",
		[]string{"auto", "starttls", "implicit", "none"}},
	{"ip", "use this IP version only", []string{"4", "6"}},
	{"at", "connect to this IP address, whatever DNS says", nil},
	{"ehlo", "host name to introduce ourselves by", nil},
	{"timeout", "end the test after this time, 5s to 60s", nil},
}

func (s *Server) tools() []tool {
	return []tool{
		{describe("test", "Test an SMTP server: DNS, connection, greeting, EHLO, TLS and its certificate, what it offers. "+
			"Says what is wrong, what to try and who can fix it. Nothing is sent.",
			append([]argument{{"target", "HOST or HOST:PORT; without a port, 587", nil}}, optional...), output("")), s.test},
		{describe("domain", "Examine a mail domain: MX records, each mail server on port 25, DNSSEC, DANE, MTA-STS, SPF, "+
			"DMARC, and what each kind of sender would do with mail for it. Takes up to a minute.",
			[]argument{
				{"domain", "the part of the mail addresses behind the @", nil},
				{"selector", "a DKIM selector to look at too", nil}, {"timeout", "end after this time, 5s to 60s", nil},
			}, output("domain")), s.domain},
		{describe("explain", "Say what an SMTP reply, a code such as 535 5.7.8, an extension, a port or the error text of a "+
			"mail program or library means; of a whole bounce, or the Received fields of a message: which server refused it, "+
			"and where the time went. Asks no network.",
			[]argument{{"text", "reply, code, word, error text, bounce or header, without passwords", nil}}, nil), s.explain},
	}
}

// describe is a tool as the assistant sees it; the first argument is required.
func describe(name, about string, arguments []argument, output json.RawMessage) *mcp.Tool {
	properties := map[string]any{}
	for _, a := range arguments {
		p := map[string]any{"type": "string", "description": a.about}
		if a.choices != nil {
			p["enum"] = a.choices
		}
		properties[a.name] = p
	}
	t := &mcp.Tool{
		Name: name, Description: about,
		InputSchema: map[string]any{
			"type": "object", "properties": properties, "required": []string{arguments[0].name}, "additionalProperties": false,
		},
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}
	if output != nil {
		t.OutputSchema = output
	}
	return t
}

// read takes the arguments apart: the required one, and options of the grammar.
func read(raw json.RawMessage, t tool) (main string, options []command.NamedValue, err error) {
	var given map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &given); err != nil {
			return "", nil, refusal("The arguments are not a JSON object.")
		}
	}
	known, required := t.InputSchema.(map[string]any)["properties"].(map[string]any), t.required()
	names := slices.Sorted(maps.Keys(known))
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if known[name] == nil {
			return "", nil, refusal(fmt.Sprintf("There is no argument of the name %q. There are: %s.",
				formatting.Shorten(formatting.Clean(name), 40, formatting.Characters), strings.Join(names, ", ")))
		}
		text, ok := textOf(given[name])
		switch {
		case !ok:
			return "", nil, refusal("The argument " + name + " must be a text.")
		case name == required:
			main = text
		case text != "":
			options = append(options, command.NamedValue{Name: name, Value: text})
		}
	}
	if strings.TrimSpace(main) == "" {
		return "", nil, refusal("The argument " + required + " is missing.")
	}
	return main, options, nil
}

// textOf reads a text; assistants write numbers where a text is a number.
func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case float64:
		return fmt.Sprint(v), true
	}
	return "", false
}

// parse reads the arguments by the grammar of chats, as a command.
func (s *Server) parse(verb command.Verb, raw json.RawMessage) (c command.Command, err error) {
	tools := s.tools()
	i := slices.IndexFunc(tools, func(t tool) bool { return t.Name == string(verb) })
	main, options, err := read(raw, tools[i])
	if err != nil {
		return c, err
	}
	if verb != command.VerbExplain && slices.ContainsFunc(strings.Fields(main), looksLikeOption) {
		return c, refusal("Options are arguments of their own: see the schema of the tool.")
	}
	c, err = command.ParseOptions(string(verb)+" "+main, options, s.dialect())
	return c, pointed(err, tools[i].required())
}

func looksLikeOption(word string) bool { return strings.HasPrefix(word, "-") }

// pointed makes an error point at the argument, where a person has a word or an
// option.
func pointed(err error, required string) error {
	usage, ok := errors.AsType[*command.UsageError](err)
	if !ok {
		return err
	}
	if usage.Word > 0 && usage.Option == "" {
		usage.Word, usage.Option = 0, required
	}
	usage.Option = strings.TrimPrefix(usage.Option, "--")
	return usage
}

// required is the argument that must be there.
func (t tool) required() string { return t.InputSchema.(map[string]any)["required"].([]string)[0] }

func (s *Server) test(ctx context.Context, raw json.RawMessage) (*mcp.CallToolResult, error) {
	c, err := s.parse(command.VerbTest, raw)
	if err != nil {
		return nil, err
	}
	leave, err := s.enter(c.Request.Target.Host)
	if err != nil {
		return nil, err
	}
	defer leave()
	report, err := s.Prober.Probe(ctx, c.Request, probe.Hooks{Allow: s.allow()})
	if err != nil {
		return nil, err
	}
	judged := diagnosis.Judge(&report)
	encoded, err := jsonreport.Encode(judged)
	return answer(formatting.Result(judged, formatting.Terminal), encoded, err)
}

func (s *Server) domain(ctx context.Context, raw json.RawMessage) (*mcp.CallToolResult, error) {
	c, err := s.parse(command.VerbDomain, raw)
	if err != nil {
		return nil, err
	}
	leave, err := s.enter(c.Domain.Domain)
	if err != nil {
		return nil, err
	}
	defer leave()
	report, err := s.Domains.Examine(ctx, c.Domain, domain.Hooks{Event: func(domain.Event) {}, Allow: s.allow()})
	if err != nil {
		return nil, err
	}
	judged := delivery.Judge(&report)
	encoded, err := jsonreport.EncodeDomain(judged)
	return answer(formatting.Domain(judged), encoded, err)
}

func (s *Server) explain(_ context.Context, raw json.RawMessage) (*mcp.CallToolResult, error) {
	c, err := s.parse(command.VerbExplain, raw)
	if err != nil {
		return nil, err
	}
	if n, ok := bounce.Read(cmp.Or(c.Lines, c.Topic)); ok {
		text := plain.Render(formatting.Bounce(n, formatting.Terminal), plain.Style{})
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: strings.TrimSpace(text)}}}, nil
	}
	e := explain.Of(c.Topic)
	return answer(formatting.Explanation(e, formatting.Terminal), nil, nil)
}

// person is for limits: there is one assistant.
const person = "assistant"

// enter counts a test, and takes one of the places for tests at once.
func (s *Server) enter(host string) (leave func(), err error) {
	place, full := s.Limiter.Enter(person)
	if full != "" {
		return nil, refusal("Two tests are running. Try again when one of them is over.")
	}
	host = strings.ToLower(host)
	_, over := s.Limiter.Take(results.Claim{Scope: results.PerPerson, Key: person},
		results.Claim{Scope: results.PerTarget, Key: host})
	if over != nil {
		s.Limiter.Leave(place)
		return nil, refusal(fmt.Sprintf("That is enough: %s are allowed. Try again in %s.",
			over.Rate, formatting.Wait(over.Wait)))
	}
	return func() { s.Limiter.Leave(place) }, nil
}

// allow counts each address of a test once.
func (s *Server) allow() func(netip.AddrPort) time.Duration {
	counted := map[netip.Addr]bool{} // hooks of one test are called one after the other, those of a domain are not
	lock := make(chan struct{}, 1)
	return func(to netip.AddrPort) time.Duration {
		lock <- struct{}{}
		defer func() { <-lock }()
		if counted[to.Addr()] {
			return 0
		}
		_, over := s.Limiter.Take(results.Claim{Scope: results.PerAddress, Key: results.AddressKey(to.Addr())})
		if over != nil {
			return over.Wait
		}
		counted[to.Addr()] = true
		return 0
	}
}

// output is the schema of a tool's JSON: a part of that of all reports, with
// what it needs of the rest.
func output(part string) json.RawMessage {
	var schema map[string]any
	if err := json.Unmarshal(jsonreport.Schema(), &schema); err != nil {
		return nil // a test reads it
	}
	parts := schema["$defs"].(map[string]any)
	if part != "" {
		schema = maps.Clone(parts[part].(map[string]any))
	}
	needed := map[string]any{}
	need(schema, parts, needed)
	delete(schema, "$schema")
	schema["$defs"] = needed
	var out bytes.Buffer
	_ = json.NewEncoder(&out).Encode(schema) // what was decoded can be encoded
	return out.Bytes()
}

// need collects the parts that a schema refers to.
func need(schema any, parts, needed map[string]any) {
	switch v := schema.(type) {
	case []any:
		for _, each := range v {
			need(each, parts, needed)
		}
	case map[string]any:
		for key, each := range v {
			name, isRef := each.(string)
			name = strings.TrimPrefix(name, "#/$defs/")
			switch {
			case key == "$defs":
			case key == "$ref" && isRef && needed[name] == nil:
				needed[name] = parts[name]
				need(parts[name], parts, needed)
			default:
				need(each, parts, needed)
			}
		}
	}
}
