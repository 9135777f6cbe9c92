package wire

import (
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
	"time"
)

// Endpoint is what a request stands for.
type Endpoint struct {
	Name    string                                       // what Fault.Where knows it by
	Faults  []Kind                                       // that may hit it
	Do      func(*Request) Reply                         // nil: Upgrade
	Upgrade func(w http.ResponseWriter, r *http.Request) // to a WebSocket
}

// Request is a request that came, whole.
type Request struct {
	*http.Request
	Name string // of its Endpoint
	At   time.Time
	Body []byte
	Cut  bool // the client will not hear the answer
}

// Reply is an answer.
type Reply struct {
	Status int // 0: 200
	Header map[string]string
	Body   []byte
}

// serve takes every request of the bot.
func (f *Frame) serve(w http.ResponseWriter, r *http.Request) {
	q := &Request{Request: r, At: time.Now()}
	where := r.Method + " " + r.URL.Path
	head, _ := httputil.DumpRequest(r, false)
	body, err := io.ReadAll(io.LimitReader(r.Body, f.bounds.Body+1))
	q.Body = body
	f.In(where, append(head, body...))
	if err != nil { // the client has gone
		panic(http.ErrAbortHandler)
	}
	to := f.site.Route(r)
	q.Name = to.Name
	if int64(len(body)) > f.bounds.Body {
		f.Violation("%s: more than %d octets", where, f.bounds.Body)
		f.write(w, where, f.site.Fault(Fault{Kind: TooLarge}))
		return
	}
	fault, hit := f.Draw(to.Name, to.Faults)
	if hit && f.before(w, where, fault) {
		return
	}
	if to.Do == nil {
		to.Upgrade(w, r)
		return
	}
	q.Cut = fault.Kind == CutAfter || fault.Kind == Truncated
	answer := to.Do(q)
	f.after(w, fault, &answer)
	f.write(w, where, answer)
}

// before carries out what keeps a request from being done, and reports
// whether it was answered.
func (f *Frame) before(w http.ResponseWriter, where string, fault Fault) bool {
	switch fault.Kind {
	case CutBefore:
		panic(http.ErrAbortHandler)
	case SlowBefore:
		f.Sleep(f.late(fault))
	case CutAfter, SlowAfter, Truncated, ErrorAfter:
	default:
		f.write(w, where, f.site.Fault(fault))
		return true
	}
	return false
}

// after carries out what happens to the answer of what was done.
func (f *Frame) after(w http.ResponseWriter, fault Fault, answer *Reply) {
	switch fault.Kind {
	case CutAfter:
		panic(http.ErrAbortHandler)
	case SlowAfter:
		f.Sleep(f.late(fault))
	case Truncated:
		w.Header().Set("Content-Length", strconv.Itoa(len(answer.Body)+1))
	case ErrorAfter:
		*answer = f.site.Fault(fault)
	}
}

func (f *Frame) late(fault Fault) time.Duration {
	if fault.After == 0 {
		return f.bounds.SlowBy
	}
	return fault.After
}

// write answers. A client that has gone is its own business.
func (f *Frame) write(w http.ResponseWriter, where string, a Reply) {
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	f.Out(where, append([]byte(strconv.Itoa(a.Status)+" "), a.Body...))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// Page is what the machines before a platform's own answer when they are
// broken, or a network that wants a sign-in: not JSON.
func Page(status int, title string) Reply {
	body := "<html><head><title>" + title + "</title></head></html>\n"
	return Reply{status, map[string]string{"Content-Type": "text/html"}, []byte(body)}
}
