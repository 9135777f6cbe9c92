package fakeslack

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
)

// maxBody is the most octets of a request's body: uploads are the largest.
const maxBody = 8 << 20

// object is any JSON object.
type object = map[string]any

// reply is an answer to an HTTP request.
type reply struct {
	status int
	header map[string]string
	body   []byte
}

// request is what came, whole.
type request struct {
	*http.Request
	where string // "POST /api/chat.postMessage"
	body  []byte
	cut   bool // the client will not hear the answer
}

// serve takes every request of the bot.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	q := request{Request: r, where: r.Method + " " + r.URL.Path}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	head, _ := httputil.DumpRequest(r, false)
	q.body = body
	s.log.in(q.where, append(head, body...))
	if err != nil {
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			s.log.violation("%s: the body cannot be read: %v", q.where, err)
		}
		panic(http.ErrAbortHandler)
	}
	name, do := s.route(r.URL.Path)
	f := s.fault(name, faultsOf(name))
	if before, ok := s.before(f); ok {
		s.write(w, q.where, before)
		return
	}
	if name == "link" {
		s.link(w, r)
		return
	}
	q.cut = f == CutAfter || f == Truncated
	s.after(w, f, q.where, do(q))
}

// route finds what a path stands for: the name is what Fail knows it by.
func (s *Server) route(path string) (name string, do func(request) reply) {
	if rest, ok := strings.CutPrefix(path, "/api/"); ok {
		return rest, s.api
	}
	switch first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); first {
	case "link":
		return "link", nil
	case "commands", "actions":
		return "response_url", s.respond
	case "upload":
		return "upload", s.upload
	}
	return path, func(q request) reply {
		s.log.violation("%s: there is nothing", q.where)
		return plain(http.StatusNotFound, "not found")
	}
}

// before are the faults that keep a request from being carried out.
func (s *Server) before(f Fault) (reply, bool) {
	switch f {
	case TooMany:
		return limited(1), true
	case TooManyBare:
		return reply{status: http.StatusTooManyRequests, body: []byte(`{"ok":false,"error":"ratelimited"}`)}, true
	case ServerError:
		return reply{http.StatusServiceUnavailable, map[string]string{"Content-Type": "text/html"}, []byte("<html><h1>Server Error</h1></html>")}, true
	case CutBefore:
		panic(http.ErrAbortHandler)
	case InvalidAuth, Inactive, Internal:
		return encoded(object{"ok": false, "error": string(f)}), true
	case Unreadable:
		return reply{http.StatusOK, map[string]string{"Content-Type": "text/html"}, []byte("<html>Sign in to the network</html>")}, true
	case Slow:
		s.sleep(s.options.SlowBy)
	}
	return reply{}, false
}

// after are the faults behind what was carried out.
func (s *Server) after(w http.ResponseWriter, f Fault, where string, a reply) {
	switch f {
	case CutAfter:
		panic(http.ErrAbortHandler)
	case Truncated:
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)+1))
	}
	s.write(w, where, a)
}

func (s *Server) write(w http.ResponseWriter, where string, a reply) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	s.log.out(where, append([]byte(strconv.Itoa(a.status)+" "), a.body...))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that has gone is its own business
}

func plain(status int, text string) reply {
	return reply{status, map[string]string{"Content-Type": "text/plain; charset=utf-8"}, []byte(text)}
}

func encoded(o object) reply {
	body, err := json.Marshal(o)
	if err != nil {
		return plain(http.StatusInternalServerError, err.Error()) // only an unreadable RawMessage can do that, and all were read
	}
	return reply{header: map[string]string{"Content-Type": "application/json; charset=utf-8"}, body: body}
}

// limited is what Slack answers who asks too often: docs.slack.dev/apis/web-api/rate-limits.
func limited(seconds int) reply {
	return reply{
		status: http.StatusTooManyRequests,
		header: map[string]string{"Retry-After": strconv.Itoa(seconds), "Content-Type": "application/json; charset=utf-8"},
		body:   []byte(`{"ok":false,"error":"ratelimited"}`),
	}
}
