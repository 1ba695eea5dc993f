package main

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/vmware/govmomi/simulator"
)

// answer is what the clock's calls return.
type answer struct {
	Hour   float64 `json:"hour"`
	Events []Event `json:"events"`
	Error  string  `json:"error,omitempty"`
}

// clock offers the calls that move time and break things, beside the vSphere API and with the same credentials.
func (w *world) clock(login *url.Userinfo) {
	if w == nil {
		return
	}
	mux := w.array.v.model.Service.ServeMux
	mux.HandleFunc("/sim/advance", w.serve(login, func(ctx *simulator.Context, q url.Values) (func(), error) {
		hours, err := strconv.ParseFloat(q.Get("hours"), 64)
		if err != nil || !(hours > 0) || hours > maxAdvance.Hours() {
			return nil, fmt.Errorf("hours: %q: must be a number above 0, %g at most", q.Get("hours"), maxAdvance.Hours())
		}
		return func() { w.advance(ctx, time.Duration(math.Round(hours*float64(time.Hour)))) }, nil
	}))
	mux.HandleFunc("/sim/clock", w.serve(login, func(_ *simulator.Context, q url.Values) (func(), error) {
		minutes, err := strconv.ParseFloat(q.Get("hosts_ahead_minutes"), 64)
		if err != nil || math.IsNaN(minutes) || math.Abs(minutes) > maxAdvance.Minutes() {
			return nil, fmt.Errorf("hosts_ahead_minutes: %q: must be a number", q.Get("hosts_ahead_minutes"))
		}
		return func() { w.ahead = time.Duration(minutes * float64(time.Minute)) }, nil
	}))
	mux.HandleFunc("/sim/fabric", w.serve(login, func(ctx *simulator.Context, q url.Values) (func(), error) {
		name := Fabric(q.Get("name"))
		if !slices.ContainsFunc(w.array.devices, func(l LUN) bool { return l.Fabric == name && !l.local() }) {
			return nil, fmt.Errorf("name: %q: is no fabric of this site", name)
		}
		lost, err := lostOrBack(q)
		return func() { w.fabric(ctx, name, lost) }, err
	}))
	mux.HandleFunc("/sim/host", w.serve(login, func(ctx *simulator.Context, q url.Values) (func(), error) {
		hosts := w.array.v.hosts()
		i := slices.IndexFunc(hosts, func(h siteHost) bool { return h.described.Name == q.Get("name") })
		if i < 0 {
			return nil, fmt.Errorf("name: %q: is no host of this site", q.Get("name"))
		}
		lost, err := lostOrBack(q)
		return func() { w.host(ctx, hosts[i].HostSystem, lost) }, err
	}))
}

func lostOrBack(q url.Values) (bool, error) {
	state := q.Get("state")
	if state != "lost" && state != "back" {
		return false, fmt.Errorf("state: %q: must be lost or back", state)
	}
	return state == "lost", nil
}

// serve runs a call behind the gate, so that no call on storage is under way meanwhile.
func (w *world) serve(login *url.Userinfo, prepare func(*simulator.Context, url.Values) (func(), error)) http.HandlerFunc {
	return posted(login, func(out http.ResponseWriter, r *http.Request) {
		shared := *w.array.v.model.Service.Context
		ctx := &shared
		run, err := prepare(ctx, r.URL.Query())
		if err != nil {
			reply(out, http.StatusBadRequest, answer{Error: err.Error()})
			return
		}
		var said answer
		ctx.WithLock(gate, func() {
			from := len(w.events)
			run()
			said = answer{Hour: w.now.Hours(), Events: slices.Clone(w.events[from:])}
		})
		reply(out, http.StatusOK, said)
	})
}

// posted answers a POST by who has the credentials of the API, and turns all others away.
func posted(login *url.Userinfo, next http.HandlerFunc) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		if !knows(r, login) {
			reply(out, http.StatusUnauthorized, answer{Error: "user and password are not those of this vCenter"})
			return
		}
		if r.Method != http.MethodPost {
			reply(out, http.StatusMethodNotAllowed, answer{Error: "must be a POST"})
			return
		}
		next(out, r)
	}
}

func knows(r *http.Request, login *url.Userinfo) bool {
	user, password, given := r.BasicAuth()
	wanted, _ := login.Password()
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	return given && same(user, login.Username()) && same(password, wanted)
}

func reply(out http.ResponseWriter, code int, said answer) {
	if said.Events == nil {
		said.Events = []Event{}
	}
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(code)
	_ = json.NewEncoder(out).Encode(said)
}
