package fakediscord

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Request is one REST request as it came and how it was answered.
type Request struct {
	At     time.Time
	Method string
	Path   string // without /api and the version
	Route  string // the pattern that took it, as in Fault.Route; empty: none did
	Query  url.Values
	Header http.Header
	Body   []byte
	Status int // of the answer; 0: none was sent
}

// Received is something that a client sent.
type Received struct {
	What   string // "POST /channels/1/messages", "frame"
	Octets []byte // of a request: its first line, headers and body
}

// records keep what came in, the newest of it.
type records struct {
	most, mostOctets int
	octets           int
	requests         []*Request
	frames           [][]byte
	forgotten        int
	violations       []string
}

// mostViolations is enough to see what is wrong.
const mostViolations = 1000

func (r *records) request(q *Request) {
	r.requests = append(r.requests, q)
	r.octets += requestOctets(q)
	for len(r.requests) > r.most || (r.octets > r.mostOctets && len(r.requests) > 1) {
		r.octets -= requestOctets(r.requests[0])
		r.requests = r.requests[1:]
		r.forgotten++
	}
}

// requestOctets is about what a request takes in memory.
func requestOctets(q *Request) int { return len(q.Body) + len(q.Path) + 1000 }

func (r *records) frame(octets []byte) {
	r.frames = append(r.frames, octets)
	r.octets += len(octets)
	for len(r.frames) > r.most {
		r.octets -= len(r.frames[0])
		r.frames = r.frames[1:]
		r.forgotten++
	}
}

// violate notes what Discord lets pass and a careful bot does not do. The
// caller holds mu.
func (s *Server) violate(format string, args ...any) {
	if len(s.records.violations) < mostViolations {
		s.records.violations = append(s.records.violations, fmt.Sprintf(format, args...))
	}
}

// Violations lists what Discord lets pass and a careful bot does not do:
// messages without an empty allowed_mentions.parse, routes that this server
// does not know, requests without the User-Agent that Discord asks for.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records.violations)
}

// Requests lists what came over REST, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Request
	for _, r := range s.records.requests {
		all = append(all, *r)
	}
	return all
}

// Received lists every octet that came from a client and is still kept, to
// be searched for what must not be there. forgotten counts the requests and
// frames that Options.Remember and Options.Octets have dropped.
func (s *Server) Received() (all []Received, forgotten int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.records.requests {
		all = append(all, Received{q.Method + " " + q.Path, slices.Concat(requestHead(q), q.Body)})
	}
	for _, f := range s.records.frames {
		all = append(all, Received{"frame", f})
	}
	return all, s.records.forgotten
}

// WriteRequests writes the REST requests that were accepted, one JSON object
// a line: method, path (without the version), query, status, and body, where
// the body of a multipart request is its payload_json. The program in the
// folder openapi holds them against Discord's own description.
func (s *Server) WriteRequests(w io.Writer) error {
	out := json.NewEncoder(w)
	for _, q := range s.Requests() {
		if q.Route == "" || q.Status < 200 || q.Status > 299 {
			continue
		}
		body := q.payload()
		line := map[string]any{"method": q.Method, "path": q.Path, "query": q.Query.Encode(), "status": q.Status, "body": json.RawMessage(body)}
		if len(body) == 0 {
			delete(line, "body")
		}
		if err := out.Encode(line); err != nil {
			return fmt.Errorf("writing requests: %w", err)
		}
	}
	return nil
}

// payload is the JSON of a request.
func (q Request) payload() []byte {
	kind, params, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return q.Body
	}
	form, err := multipart.NewReader(bytes.NewReader(q.Body), params["boundary"]).ReadForm(mostRequestOctets)
	if err != nil || len(form.Value["payload_json"]) == 0 {
		return nil
	}
	return []byte(form.Value["payload_json"][0])
}

func requestHead(q *Request) []byte {
	head := fmt.Appendf(nil, "%s %s?%s\r\n", q.Method, q.Path, q.Query.Encode())
	for name, values := range q.Header {
		for _, v := range values {
			head = fmt.Appendf(head, "%s: %s\r\n", name, v)
		}
	}
	return append(head, "\r\n"...)
}
