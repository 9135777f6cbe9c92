package playground

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
)

// Times of what a browser is told.
const (
	settle    = 15 * time.Millisecond // changes within it are told together
	heartbeat = 20 * time.Second      // in which a browser hears something, so that one that has gone is noticed
	writeTime = 5 * time.Second       // in which a browser must take what it is told
)

// events tells one browser of all changes: each part of the page that is not
// as it was told last, as HTML.
func (s *site) events(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, "too many windows of this page are open", http.StatusServiceUnavailable)
		return
	}
	defer s.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	seat, told, to := s.seat(r.URL.Query()), map[string]string{}, http.NewResponseController(w)
	for {
		slack, discord, noted := s.Slack.Changed(), s.Discord.Changed(), s.changed()
		_ = to.SetWriteDeadline(time.Now().Add(writeTime))
		if !s.tell(w, seat, told) || to.Flush() != nil {
			return
		}
		select {
		case <-slack:
		case <-discord:
		case <-noted:
		case <-time.After(heartbeat):
		case <-r.Context().Done():
			return
		}
		time.Sleep(settle)
	}
}

// tell writes what has changed since it was told; false: the browser has gone.
func (s *site) tell(w http.ResponseWriter, seat seat, told map[string]string) bool {
	if _, err := w.Write([]byte(": here\n\n")); err != nil {
		return false
	}
	scene := s.scene(seat)
	parts := map[string]any{"state": scene.State}
	for _, c := range scene.Columns {
		parts[c.Of+"-log"], parts[c.Of+"-form"], parts[c.Of+"-command"] = c, c, c
	}
	for id, data := range parts {
		var b bytes.Buffer
		if err := pages().ExecuteTemplate(&b, kindOf(id), data); err != nil || b.String() == told[id] {
			continue
		}
		told[id] = b.String()
		message, err := json.Marshal(map[string]string{"id": id, "html": b.String()})
		if err != nil {
			continue
		}
		if _, err := w.Write(append(append([]byte("data: "), message...), "\n\n"...)); err != nil {
			return false
		}
	}
	return true
}

// kindOf is the template of a part of the page: slack-log is a log.
func kindOf(id string) string {
	for i := range id {
		if id[i] == '-' {
			return id[i+1:]
		}
	}
	return id
}

func (p *Playground) changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.noted
}

func (p *Playground) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clients == maxClients {
		return false
	}
	p.clients++
	return true
}

func (p *Playground) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clients--
}
