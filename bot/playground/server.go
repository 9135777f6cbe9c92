package playground

import (
	"bytes"
	"context"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"smtptest/formatting/html"
)

//go:embed page.tmpl page.css page.js icon.svg
var files embed.FS

var pages = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(files, "page.tmpl")) })

// Limits of the server.
const (
	maxForm    = 64 << 10 // octets of a form that is sent; the longest field of Slack has 3,000 characters
	maxClients = 16       // browsers that are told of changes
	headerTime = 5 * time.Second
)

// policy lets the page load nothing from anywhere else and be in no frame. What
// a server under test says stays text even if all else fails.
const policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// site serves a playground at one address.
type site struct {
	*Playground
	host string // that a browser names: address and port
	mux  *http.ServeMux
}

// Serve shows the page on a listener of loopback until ctx is over. ready is
// told the page's address.
func (p *Playground) Serve(ctx context.Context, l net.Listener, ready func(address string)) error {
	s := &site{Playground: p, host: l.Addr().String(), mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /{$}", s.page)
	s.mux.HandleFunc("GET /events", s.events)
	s.mux.HandleFunc("POST /do", s.do)
	s.mux.HandleFunc("GET /suggest", s.suggest)
	s.mux.HandleFunc("GET /file/{platform}/{id}", s.file)
	for _, name := range []string{"page.css", "page.js", "icon.svg"} {
		s.mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, files, name)
		})
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: headerTime, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	ready("http://" + s.host + "/" + p.token + "/")
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ServeHTTP implements http.Handler: it refuses whoever does not come from the
// page itself, or does not know its address.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	origin := r.Header.Get("Origin")
	switch {
	case r.Host != s.host: // a name that was made to lead here
		http.Error(w, "this page answers to its own address only", http.StatusForbidden)
	case origin != "" && origin != "http://"+s.host, origin == "" && r.Method != http.MethodGet:
		http.Error(w, "this page takes forms from itself only", http.StatusForbidden)
	case subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) != 1:
		http.Error(w, "the address of this page is what the program has printed", http.StatusNotFound)
	default:
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		http.StripPrefix("/"+s.token, s.mux).ServeHTTP(w, r)
	}
}

// seat is who looks, and where: the query of every address of the page.
type seat struct {
	who            person
	Slack, Discord channel
	base           string // "/TOKEN/"
	Only           string // "slack" or "discord": the other is not shown; empty: both are
	Theme          string // "light" or "dark"; empty: as the browser is set
}

// seat reads a query or a form. What it does not name, or names wrongly, is
// the first.
func (p *Playground) seat(v url.Values) seat {
	s := seat{who: people()[0], base: "/" + p.token + "/"}
	for _, who := range people() {
		if v.Get("as") == who.Name {
			s.who = who
		}
	}
	s.Slack, s.Discord = chosen(slackChannels(s.who), v.Get("slack")), chosen(p.guild, v.Get("discord"))
	s.Only, s.Theme = among(v.Get("only"), "slack", "discord"), among(v.Get("theme"), "light", "dark")
	return s
}

// chosen is the channel of a name.
func chosen(all []channel, name string) channel {
	i := slices.IndexFunc(all, func(c channel) bool { return c.Name == name })
	return all[max(i, 0)]
}

func among(text string, all ...string) string {
	if slices.Contains(all, text) {
		return text
	}
	return ""
}

// query is a seat as a query, with something else in it.
func (s seat) query(name, value string) url.Values {
	v := url.Values{}
	for key, text := range map[string]string{"as": s.who.Name, "slack": s.Slack.Name, "discord": s.Discord.Name,
		"only": s.Only, "theme": s.Theme} {
		if key == name {
			text = value
		}
		if text != "" {
			v.Set(key, text)
		}
	}
	return v
}

func (s seat) at(parts ...string) string { return s.base + strings.Join(parts, "/") }

// do is where forms go.
func (s seat) do() string { return s.at("do") }

// hidden are the fields that each form sends along.
func (s seat) hidden(kind string, more ...html.Field) []html.Field {
	return append([]html.Field{{Name: "kind", Value: kind}, {Name: "as", Value: s.who.Name},
		{Name: "slack", Value: s.Slack.Name}, {Name: "discord", Value: s.Discord.Name}}, more...)
}

// view shows payloads to this person; what is pressed is sent with these fields.
func (s seat) view(press []html.Field) html.View {
	return html.View{
		Action: s.do(), Hidden: press, Name: name, Zone: time.Local,
		Link: func(address string) string {
			if at := permalink(address); at != "" {
				return at
			}
			return jump(address)
		},
	}
}

// Page is the whole page for a query, as it is now.
func (p *Playground) Page(query url.Values) ([]byte, error) {
	var b bytes.Buffer
	err := pages().ExecuteTemplate(&b, "page", p.scene(p.seat(query)))
	return b.Bytes(), err
}

// page answers with the page.
func (s *site) page(w http.ResponseWriter, r *http.Request) {
	if at := s.seat(r.URL.Query()); at.Slack.ID == home {
		s.slackWait(at, "", s.Slack.OpenHome(at.who.slack, "home"))
	}
	page, err := s.Page(r.URL.Query())
	if err != nil {
		http.Error(w, "the page cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page)
}

// suggest answers with what the bot proposes for an option of Discord.
func (s *site) suggest(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	all, err := json.Marshal(s.suggested(r.Context(), s.seat(v), v.Get("option"), v.Get("typed")))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(all)
}

// file gives a file that the bot has sent, to be stored and never to be shown.
func (s *site) file(w http.ResponseWriter, r *http.Request) {
	name, data, ok := s.find(r.PathValue("platform"), r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = io.Copy(w, bytes.NewReader(data))
}

func (s *site) find(platform, id string) (name string, data []byte, ok bool) {
	if platform == "slack" {
		for _, f := range s.Slack.Files() {
			if f.ID == id {
				return f.Name, f.Data, f.Data != nil
			}
		}
		return "", nil, false
	}
	for _, c := range s.Discord.Channels() {
		for _, m := range s.Discord.Messages(c.ID) {
			for _, f := range m.Files {
				if f.ID == id {
					return f.Name, f.Content, true
				}
			}
		}
	}
	return "", nil, false
}
