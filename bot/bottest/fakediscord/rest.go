package fakediscord

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// call is one REST request on its way through the server.
type call struct {
	s           *Server
	w           http.ResponseWriter
	r           *http.Request
	began       time.Time
	route       string // "METHOD /pattern"
	bot         bool   // it came with the bot's token
	interaction bool   // it is authorized by an interaction's token
	record      *Request
	status      int // of success; 0: 200, or 204 without a body

	body  any // decoded; nil: there was none
	files []File
}

// File is a file that was attached to a message.
type File struct {
	ID, Name, Type string
	Content        []byte
}

// handle answers a call while the server's lock is held.
type handle func(*Server, *call) (any, *refusal)

// route is a row of the table in routes.go.
type route struct {
	pattern string // without the version
	open    bool   // needs no token of the bot
	handle  handle
}

// routes builds the handler of all paths behind the version.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, x := range table() {
		mux.HandleFunc(x.pattern, func(w http.ResponseWriter, r *http.Request) { s.run(w, r, x) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.run(w, r, route{open: true, handle: unknownRoute})
	})
	return mux
}

func unknownRoute(s *Server, c *call) (any, *refusal) {
	s.violate("%s %s: no such route", c.r.Method, c.r.URL.Path)
	return nil, refuse(codeNotFound)
}

// version is the beginning of a path. Versions 9 and 10 are the ones that
// Discord lists as available (API Reference, API Versioning).
var version = regexp.MustCompile(`^(?:/api)?/v(9|10)/`)

// serve takes every request of the HTTP server.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, gatewayPath) || strings.HasPrefix(r.URL.Path, resumePath) {
		s.gateway.serve(w, r)
		return
	}
	prefix := version.FindString(r.URL.Path)
	if prefix == "" {
		s.run(w, r, route{open: true, handle: unknownRoute})
		return
	}
	r.URL.Path = "/" + strings.TrimPrefix(r.URL.Path, prefix)
	r.URL.RawPath = ""
	s.handler.ServeHTTP(w, r)
}

// run takes a request from its first octet to its answer.
func (s *Server) run(w http.ResponseWriter, r *http.Request, x route) {
	c := &call{s: s, w: w, r: r, began: time.Now(), route: x.pattern}
	c.bot = r.Header.Get("Authorization") == "Bot "+s.Token
	c.interaction = x.open && strings.Contains(x.pattern, "{token}")
	octets, err := io.ReadAll(io.LimitReader(r.Body, mostRequestOctets+1))
	c.record = &Request{At: c.began, Method: r.Method, Path: r.URL.Path, Route: x.pattern, Query: r.URL.Query(), Header: r.Header.Clone(), Body: octets}
	s.mu.Lock()
	s.records.request(c.record)
	s.touch()
	s.mu.Unlock()
	defer c.finish()
	switch {
	case err != nil:
		c.cut()
	case len(octets) > mostRequestOctets:
		c.refuse(refuse(codeEntityTooLarge))
	default:
		c.proceed(x, octets)
	}
}

// finish notes how the call was answered, if it was.
func (c *call) finish() {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.record.Status = c.status
	c.s.touch()
}

func (c *call) proceed(x route, octets []byte) {
	s := c.s
	s.mu.Lock()
	fault := s.fault(x.pattern)
	l := s.rate(c)
	c.manners()
	s.mu.Unlock()
	switch {
	case fault != nil && fault.before(c):
		return
	case l != nil:
		c.answerLimited(l)
		return
	case !x.open && !c.bot:
		c.refuse(refuse(codeUnauthorized))
		return
	}
	result, refused := c.decode(octets)
	if refused == nil {
		s.mu.Lock()
		result, refused = x.handle(s, c)
		s.touch()
		s.mu.Unlock()
	}
	if fault != nil && fault.after(c) {
		return
	}
	if refused != nil {
		c.refuse(refused)
		return
	}
	c.answer(or(c.status, successOf(result)), result)
}

// manners notes a missing User-Agent, without which Discord may block a bot
// (API Reference, User Agent). The caller holds mu.
func (c *call) manners() {
	if !strings.HasPrefix(c.r.UserAgent(), "DiscordBot (") {
		c.s.violate("%s %s: User-Agent is not DiscordBot (URL, VERSION)", c.r.Method, c.r.URL.Path)
	}
}

func successOf(result any) int {
	if result == nil {
		return http.StatusNoContent
	}
	return http.StatusOK
}

// decode reads the body, which is JSON, or parts with JSON in payload_json
// (API Reference, Uploading Files).
func (c *call) decode(octets []byte) (none any, refused *refusal) {
	if len(octets) == 0 && c.r.Header.Get("Content-Type") == "" {
		return nil, nil // with a type, an empty body is JSON that is broken
	}
	kind, params, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		c.body, refused = decode(octets)
	case "multipart/form-data":
		refused = c.parts(multipart.NewReader(bytes.NewReader(octets), params["boundary"]))
	default:
		refused = refuse(codeInvalidJSON)
	}
	return nil, refused
}

// filePart is the name of a part with a file.
var filePart = regexp.MustCompile(`^files\[([0-9]{1,2})\]$`)

func (c *call) parts(r *multipart.Reader) *refusal {
	for {
		p, err := r.NextPart()
		if err == io.EOF {
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
		f := newForm(nil)
		f.step("files", nil).length(len(c.files), 0, mostFiles)
		return f.refused()
	}
	return nil
}

func (c *call) part(p *multipart.Part) *refusal {
	octets, err := io.ReadAll(p)
	if err != nil {
		return refuse(codeInvalidJSON)
	}
	if p.FormName() == "payload_json" {
		var refused *refusal
		c.body, refused = decode(octets)
		return refused
	}
	if filePart.MatchString(p.FormName()) && p.FileName() != "" {
		if len(octets) > mostFileOctets {
			return refuse(codeEntityTooLarge)
		}
		c.files = append(c.files, File{Name: p.FileName(), Type: p.Header.Get("Content-Type"), Content: octets})
	}
	return nil
}

func (c *call) refuse(r *refusal) { c.answer(r.status, r.body()) }

func (c *call) answer(status int, body any) {
	c.status = status
	if body == nil {
		c.w.WriteHeader(status)
		return
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_ = json.NewEncoder(c.w).Encode(body) // a client that has gone is the client's business
}
