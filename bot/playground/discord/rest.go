package discord

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"smtptest/bot/playground/wire"
)

// Limits of requests.
const (
	mostRequestOctets = 25 << 20 // Discord, API Reference, Uploading Files
	mostFileOctets    = 10 << 20 // same: the default, before boosts
	mostFiles         = 10       // Discord, Message Resource, Attachments
	// Discord, Receiving and Responding, Followup Messages: apps that only the user installed
	mostInvitedFollowups     = 5
	mostEnforcedNonceSeconds = 300 // Discord says "past few minutes"
)

// refusal is an answer other than success: HTTP status, JSON error code and
// words (Discord, Topics, Opcodes and Status Codes).
type refusal string

const (
	unauthorized       refusal = "401 0 401: Unauthorized"
	notFound           refusal = "404 0 404: Not Found"
	unknownApplication refusal = "404 10002 Unknown Application"
	unknownChannel     refusal = "404 10003 Unknown Channel"
	unknownMessage     refusal = "404 10008 Unknown Message"
	unknownWebhook     refusal = "404 10015 Unknown Webhook"
	unknownInteraction refusal = "404 10062 Unknown interaction"
	tooLarge           refusal = "413 40005 Request entity too large"
	acknowledged       refusal = "400 40060 Interaction has already been acknowledged."
	tooManyFollowups   refusal = "400 40094 This interaction has reached the maximum number of follow-up messages"
	missingAccess      refusal = "403 50001 Missing Access"
	notOurs            refusal = "403 50005 Cannot edit a message authored by another user"
	emptyMessage       refusal = "400 50006 Cannot send an empty message"
	notText            refusal = "400 50008 Cannot send messages in a non-text channel"
	missingPermissions refusal = "403 50013 Missing Permissions"
	wrongChannelType   refusal = "400 50024 Cannot execute action on this channel type"
	invalidToken       refusal = "401 50027 Invalid Webhook Token"
	invalidForm        refusal = "400 50035 Invalid Form Body"
	archived           refusal = "400 50083 Thread is archived"
	invalidJSON        refusal = "400 50109 The request body contains invalid JSON."
	threadExists       refusal = "400 160004 A thread has already been created for this message"
	locked             refusal = "400 160005 This thread is locked"
	tooManyThreads     refusal = "400 160006 Maximum number of active threads reached"
	blocked            refusal = "400 200000 Message was blocked by automatic moderation"
)

// refuse ends a request with a refusal if something is so: Server.answer
// recovers the reply.
func refuse(so bool, r refusal) {
	if so {
		panic(r.reply(nil))
	}
}

// reply is a refusal with the tree of errors; nil: it has none.
func (r refusal) reply(tree map[string]any) wire.Reply {
	parts := strings.SplitN(string(r), " ", 3)
	status, _ := strconv.Atoi(parts[0]) // of a constant
	b := map[string]any{"code": json.Number(parts[1]), "message": parts[2]}
	if tree != nil {
		b["errors"] = tree
	}
	return encoded(status, b)
}

// call is one REST request on its way through the server.
type call struct {
	faults      // of its body
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

// version is the beginning of a path. Versions 9 and 10 are the ones that
// Discord lists as available (API Reference, API Versioning).
var version = regexp.MustCompile(`^(?:/api)?/v(9|10)/`)

// Route implements wire.Site.
func (s *Server) Route(r *http.Request) wire.Endpoint {
	if strings.HasPrefix(r.URL.Path, gatewayPath) || strings.HasPrefix(r.URL.Path, resumePath) {
		return wire.Endpoint{Name: gatewayPath, Upgrade: s.handshake}
	}
	found := route{open: true, do: (*Server).unknownRoute}
	if prefix := version.FindString(r.URL.Path); prefix != "" {
		for _, x := range table() {
			if x.matches(r, "/"+strings.TrimPrefix(r.URL.Path, prefix)) {
				found = x
				break
			}
		}
	}
	do := func(q *wire.Request) wire.Reply { return s.do(found, q) }
	return wire.Endpoint{Name: found.pattern, Faults: append(recoverable(), Unauthorized), Do: do}
}

// matches compares a request with a pattern, and names the parts of its path.
func (x route) matches(r *http.Request, path string) bool {
	method, pattern, _ := strings.Cut(x.pattern, " ")
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if method != r.Method || len(want) != len(got) {
		return false
	}
	for i, part := range want {
		if name, open := strings.CutPrefix(part, "{"); open {
			r.SetPathValue(strings.TrimSuffix(name, "}"), got[i])
		} else if part != got[i] {
			return false
		}
	}
	return true
}

func (s *Server) unknownRoute(c *call) any {
	s.Violation("%s %s: no such route", c.r.Method, c.r.URL.Path)
	panic(notFound.reply(nil))
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
	a := s.answer(x, c, q.Body)
	maps.Copy(a.Header, header)
	s.Count(x.pattern + " " + strconv.Itoa(a.Status))
	return a
}

// answer is what the route says, or the reply with which refuse ended it.
func (s *Server) answer(x route, c *call, octets []byte) (a wire.Reply) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case wire.Reply:
			a = r
		default:
			panic(r)
		}
	}()
	refuse(!x.open && !c.bot, unauthorized)
	c.decode(octets)
	result := x.do(s, c)
	if result == nil {
		return wire.Reply{Status: http.StatusNoContent, Header: map[string]string{}}
	}
	return encoded(cmp.Or(c.status, http.StatusOK), result)
}

func encoded(status int, body any) wire.Reply {
	octets, _ := json.Marshal(body) // of maps, strings, numbers and what was JSON before
	return wire.Reply{Status: status, Header: map[string]string{"Content-Type": "application/json"}, Body: octets}
}

// decode reads the body, which is JSON, or parts with JSON in payload_json
// (API Reference, Uploading Files).
func (c *call) decode(octets []byte) {
	c.body = map[string]any{} // of a request that is all files, or nothing
	kind, params, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		c.json(octets)
	case "multipart/form-data":
		c.parts(multipart.NewReader(bytes.NewReader(octets), params["boundary"]))
	default: // with a type, an empty body is JSON that is broken
		refuse(len(octets) > 0 || kind != "", invalidJSON)
	}
}

// json reads a JSON value and nothing behind it.
func (c *call) json(octets []byte) {
	d := json.NewDecoder(bytes.NewReader(octets))
	d.UseNumber()
	refuse(d.Decode(&c.body) != nil, invalidJSON)
	_, err := d.Token()
	refuse(err != io.EOF, invalidJSON)
}

// filePart is the name of a part with a file.
var filePart = regexp.MustCompile(`^files\[([0-9]{1,2})\]$`)

func (c *call) parts(r *multipart.Reader) {
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		refuse(err != nil, invalidJSON)
		octets, err := io.ReadAll(p)
		refuse(err != nil, invalidJSON)
		refuse(len(octets) > mostFileOctets, tooLarge)
		switch {
		case p.FormName() == "payload_json":
			c.json(octets)
		case filePart.MatchString(p.FormName()) && p.FileName() != "":
			c.files = append(c.files, File{Name: p.FileName(), Type: p.Header.Get("Content-Type"), Content: octets})
		}
	}
	if len(c.files) > mostFiles {
		c.fail("files", "BASE_TYPE_MAX_LENGTH", fmt.Sprintf("Must be %d or fewer in length.", mostFiles))
		c.settle()
	}
}

// settle refuses a body with faults. Properties that Discord would pass over
// are violations.
func (s *Server) settle(c *call) {
	for _, place := range c.unknown {
		s.Violation("%s: %s is not in Discord's description, or nothing that a bot of ours sends", c.route, place)
	}
	c.settle()
}
