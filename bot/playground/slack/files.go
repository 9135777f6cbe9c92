package slack

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"smtptest/bot/playground/wire"
)

// What an upload may be (reference/methods/files.getUploadURLExternal).
const (
	maxAlt     = 1000      // runes; alt_txt_too_large
	maxFile    = 4 << 20   // octets; ours, to keep tests small
	uploadPath = "/upload" // on the same host: slack-go sends its token to no other
)

// File is one upload.
type File struct {
	ID, Name, Title string
	Size            int    // as announced, in octets
	Data            []byte // nil: not yet uploaded
	Channel, TS     string // the message that shows it; empty: none does
	uploaded        bool
}

// Files are all uploads, in the order in which they were announced.
func (s *Server) Files() []File { return wire.Copies(s.Frame, &s.files, nil) }

func (s *Server) uploadURL(c *call) object {
	size, err := strconv.Atoi(c.args["length"])
	wrong(err != nil || size <= 0, "missing_argument", "length "+c.args["length"])
	refuse(s.options.NoUploads, "file_uploads_disabled")
	wrong(size > maxFile, "file_upload_size_restricted")
	wrong(utf8.RuneCountInString(c.args["alt_txt"]) > maxAlt, "alt_txt_too_large")
	f := &File{ID: s.id("F0"), Name: c.args["filename"], Size: size}
	s.files.Put(f.ID, f)
	return object{"file_id": f.ID, "upload_url": s.Root() + uploadPath + "/" + f.ID}
}

// upload takes the octets, raw or as a form, and checks that they are as many
// as were announced.
func (s *Server) upload(q *wire.Request) wire.Reply {
	data, err := uploaded(q)
	s.Mu.Lock()
	defer s.Mu.Unlock()
	f, ok := s.files.Get(strings.TrimPrefix(q.URL.Path, uploadPath+"/"))
	switch {
	case q.Method != http.MethodPost || err != nil:
		s.Violation("upload: %s, %v", q.Method, err)
		return plain(http.StatusBadRequest, "bad request")
	case !ok || f.uploaded:
		s.Violation("upload: to a URL that is unknown or used")
		return plain(http.StatusNotFound, "not found")
	case len(data) != f.Size:
		s.Violation("upload: %d octets, %d were announced", len(data), f.Size)
		return plain(http.StatusBadRequest, "bad size")
	}
	f.Data, f.uploaded = data, true
	s.Count("upload")
	s.Touch()
	return plain(http.StatusOK, "OK - "+strconv.Itoa(len(data)))
}

// uploaded is the first file of a form, or the whole body.
func uploaded(q *wire.Request) ([]byte, error) {
	kind, params, _ := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return q.Body, nil
	}
	part, err := multipart.NewReader(bytes.NewReader(q.Body), params["boundary"]).NextPart()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(part)
}

// completeUpload shows files in a channel of which the bot is a member:
// chat:write.public does not help (reference/methods/files.completeUploadExternal,
// not_in_channel).
func (s *Server) completeUpload(c *call) object {
	files := s.waiting(c.args["files"])
	shown := []object{}
	m := Message{Thread: c.args["thread_ts"], Via: c.name, Cut: c.cut}
	for _, f := range files {
		m.Files = append(m.Files, f.ID)
		shown = append(shown, object{"id": f.ID, "title": f.Title})
	}
	if id := c.args["channel_id"]; id != "" {
		m.Channel = s.shareable(id, m.Thread).ID
		posted := s.post(m, s.content(c.given(), maxText, true))
		for _, f := range files {
			f.Channel, f.TS = posted.Channel, posted.TS
		}
	}
	return object{"files": shown}
}

// waiting are files that were uploaded and not yet shown. s.Mu is held.
func (s *Server) waiting(raw string) []*File {
	var asked []struct{ ID, Title string }
	wrong(json.Unmarshal([]byte(raw), &asked) != nil || len(asked) == 0, "invalid_arguments", "files is no list of files")
	var out []*File
	for _, a := range asked {
		f, ok := s.files.Get(a.ID)
		wrong(!ok || !f.uploaded || f.TS != "", "file_not_found", "a file that is unknown, not uploaded, or shown already")
		f.Title = a.Title
		out = append(out, f)
	}
	return out
}

// shareable is like postable, for files. s.Mu is held.
func (s *Server) shareable(id, thread string) Channel {
	c := s.channel(id, false)
	refuse(!c.joined(), "not_in_channel")
	refuse(c.Refuse != "" || c.ThreadsOnly && thread == "", "posting_to_channel_denied")
	s.threadable(c, thread)
	return c
}
