package fakediscord

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"smtptest/bot/bottest/wire"
)

// call is one REST request on its way through the server.
type call struct {
	r           *http.Request
	began       time.Time
	route       string // "METHOD /pattern"
	bot         bool   // it came with the bot's token
	interaction bool   // it is authorized by an interaction's token
	status      int    // of success; 0: 200, or 204 without a body

	body  any // decoded; nil: there was none
	files []File
}

// File is a file that was attached to a message.
type File struct {
	ID, Name, Type string
	Content        []byte
}

// route is a row of the table in routes.go. Its handle answers a call while
// the server's lock is held.
type route struct {
	pattern string // "METHOD /path" without the version
	open    bool   // needs no token of the bot
	handle  func(*Server, *call) (any, *refusal)
}

// version is the beginning of a path. Versions 9 and 10 are the ones that
// Discord lists as available (API Reference, API Versioning).
var version = regexp.MustCompile(`^(?:/api)?/v(9|10)/`)

// Route implements wire.Site.
func (s *Server) Route(r *http.Request) wire.Endpoint {
	if strings.HasPrefix(r.URL.Path, gatewayPath) || strings.HasPrefix(r.URL.Path, resumePath) {
		return wire.Endpoint{Name: gatewayPath, Upgrade: s.handshake}
	}
	found := route{open: true, handle: unknownRoute}
	if prefix := version.FindString(r.URL.Path); prefix != "" {
		for _, x := range table() {
			if x.matches(r, "/"+strings.TrimPrefix(r.URL.Path, prefix)) {
				found = x
				break
			}
		}
	}
	kinds := append(recoverable(), Unauthorized)
	return wire.Endpoint{Name: found.pattern, Faults: kinds, Do: func(q *wire.Request) wire.Reply {
		return s.do(found,
			q)
	}}
}

// matches compares a request with a pattern, and names the parts of its path.
func (x route) matches(r *http.Request, path string) bool {
	method, pattern, _ := strings.Cut(x.pattern, " ")
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if method != r.Method || len(want) != len(got) {
		return false
	}
	values := map[string]string{}
	for i, part := range want {
		if name, open := strings.CutPrefix(part, "{"); open {
			values[strings.TrimSuffix(name, "}")] = got[i]
		} else if part != got[i] {
			return false
		}
	}
	for name, v := range values {
		r.SetPathValue(name, v)
	}
	return true
}

func unknownRoute(s *Server, c *call) (any, *refusal) {
	s.Violation("%s %s: no such route", c.r.Method, c.r.URL.Path)
	return nil, refuse(codeNotFound)
}

// do carries out a request.
func (s *Server) do(x route, q *wire.Request) wire.Reply {
	c := &call{r: q.Request, began: q.At, route: x.pattern, bot: q.Header.Get("Authorization") == "Bot "+s.Token}
	c.interaction = x.open && strings.Contains(x.pattern, "{token}")
	// Without it Discord may block a bot (API Reference, User Agent).
	if !strings.HasPrefix(q.UserAgent(), "DiscordBot (") {
		s.Violation("%s %s: User-Agent is not DiscordBot (URL, VERSION)", q.Method, q.URL.Path)
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	defer s.Touch()
	header, limit := s.rate(c)
	if limit != nil {
		return *limit
	}
	result, refused := any(nil), c.decode(q.Body)
	if !x.open && !c.bot {
		refused = refuse(codeUnauthorized)
	}
	if refused == nil {
		result, refused = x.handle(s, c)
	}
	a := wire.Reply{Status: http.StatusNoContent, Header: map[string]string{}}
	switch {
	case refused != nil:
		a = refused.reply()
	case result != nil:
		a = encoded(or(c.status, http.StatusOK), result)
	}
	maps.Copy(a.Header, header)
	s.Count(x.pattern + " " + strconv.Itoa(a.Status))
	return a
}

func encoded(status int, body any) wire.Reply {
	octets, _ := json.Marshal(body) // of maps, strings, numbers and what was JSON before
	return wire.Reply{Status: status, Header: map[string]string{"Content-Type": "application/json"}, Body: octets}
}

// decode reads the body, which is JSON, or parts with JSON in payload_json
// (API Reference, Uploading Files).
func (c *call) decode(octets []byte) (refused *refusal) {
	if len(octets) == 0 && c.r.Header.Get("Content-Type") == "" {
		return nil // with a type, an empty body is JSON that is broken
	}
	kind, params, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		return c.json(octets)
	case "multipart/form-data":
		return c.parts(multipart.NewReader(bytes.NewReader(octets), params["boundary"]))
	}
	return refuse(codeInvalidJSON)
}

// json reads a JSON value and nothing behind it.
func (c *call) json(octets []byte) *refusal {
	d := json.NewDecoder(bytes.NewReader(octets))
	d.UseNumber()
	if d.Decode(&c.body) != nil {
		return refuse(codeInvalidJSON)
	}
	if _, err := d.Token(); err != io.EOF {
		return refuse(codeInvalidJSON)
	}
	return nil
}

// filePart is the name of a part with a file.
var filePart = regexp.MustCompile(`^files\[([0-9]{1,2})\]$`)

func (c *call) parts(r *multipart.Reader) *refusal {
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return refuse(codeInvalidJSON)
		}
		if refused := c.part(p); refused != nil {
			return refused
		}
	}
	if len(c.files) > mostFiles {
		f := faults{}
		f.tooLong("files", mostFiles)
		return f.refused()
	}
	return nil
}

func (c *call) part(p *multipart.Part) *refusal {
	octets, err := io.ReadAll(p)
	switch {
	case err != nil:
		return refuse(codeInvalidJSON)
	case p.FormName() == "payload_json":
		return c.json(octets)
	case len(octets) > mostFileOctets:
		return refuse(codeEntityTooLarge)
	case filePart.MatchString(p.FormName()) && p.FileName() != "":
		c.files = append(c.files, File{Name: p.FileName(), Type: p.Header.Get("Content-Type"), Content: octets})
	}
	return nil
}

// faulty is the answer to a body with faults; nil: it has none. Properties
// that Discord would pass over are violations.
func (s *Server) faulty(c *call, f *faults) *refusal {
	for _, place := range f.unknown {
		s.Violation("%s: %s is not in Discord's description, or nothing that a bot of ours sends", c.route, place)
	}
	return f.refused()
}
