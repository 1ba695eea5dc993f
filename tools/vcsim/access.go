package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// access is what has been called, and what may not be: a method, or a property of a type. Without a word everything may.
type access struct {
	mu     sync.Mutex
	called map[string]bool
	denied map[string]string // the privilege that is missing, by the method's name, or TYPE.PATH of a property
}

func newAccess() *access { return &access{called: map[string]bool{}, denied: map[string]string{}} }

// refused notes a call; the fault is that of a user who lacks a privilege.
func (a *access) refused(method *simulator.Method) types.BaseMethodFault {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.called[method.Name] = true
	privilege, denied := a.denied[method.Name]
	if !denied {
		return nil
	}
	return lacking(method.This, privilege)
}

func lacking(on types.ManagedObjectReference, privilege string) *types.NoPermission {
	return &types.NoPermission{Object: &on, PrivilegeId: privilege}
}

// hide takes properties that may not be read out of an answer, and says so as a vCenter does.
func (a *access) hide(objects []types.ObjectContent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range objects {
		one := &objects[i]
		one.PropSet = slices.DeleteFunc(one.PropSet, func(property types.DynamicProperty) bool {
			privilege, denied := a.denied[one.Obj.Type+"."+property.Name]
			if denied {
				fault := types.LocalizedMethodFault{Fault: lacking(one.Obj, privilege), LocalizedMessage: "Permission was denied."}
				one.MissingSet = append(one.MissingSet, types.MissingProperty{Path: property.Name, Fault: fault})
			}
			return denied
		})
	}
}

// RetrievePropertiesEx reads properties, without those that may not be read.
func (c *collector) RetrievePropertiesEx(ctx *simulator.Context, req *types.RetrievePropertiesEx) soap.HasFault {
	body := c.PropertyCollector.RetrievePropertiesEx(ctx, req)
	if read, ok := body.(*methods.RetrievePropertiesExBody); ok && read.Res != nil && read.Res.Returnval != nil {
		c.access.hide(read.Res.Returnval.Objects)
	}
	return body
}

// ContinueRetrievePropertiesEx goes on with what RetrievePropertiesEx has begun.
func (c *collector) ContinueRetrievePropertiesEx(
	ctx *simulator.Context, req *types.ContinueRetrievePropertiesEx,
) soap.HasFault {
	body := c.PropertyCollector.ContinueRetrievePropertiesEx(ctx, req)
	if read, ok := body.(*methods.ContinueRetrievePropertiesExBody); ok && read.Res != nil {
		c.access.hide(read.Res.Returnval.Objects)
	}
	return body
}

// endpoints offers the calls that take rights away and tell what was called, with the credentials of the API.
func (a *access) endpoints(mux *http.ServeMux, login *url.Userinfo) {
	mux.HandleFunc("/sim/deny", a.serve(login, func(q url.Values) error {
		what, privilege := q.Get("what"), q.Get("privilege")
		if what == "" || strings.Contains(privilege, " ") {
			return fmt.Errorf("what: %q: must be a method, or TYPE.PATH of a property", what)
		}
		if privilege == "" {
			delete(a.denied, what)
		} else {
			a.denied[what] = privilege
		}
		return nil
	}))
	mux.HandleFunc("/sim/calls", a.serve(login, func(url.Values) error { return nil }))
}

// serve answers with what has been called so far, in order of the alphabet, after the call has done its part.
func (a *access) serve(login *url.Userinfo, do func(url.Values) error) http.HandlerFunc {
	return posted(login, func(out http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if err := do(r.URL.Query()); err != nil {
			reply(out, http.StatusBadRequest, answer{Error: err.Error()})
			return
		}
		out.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(out).Encode(map[string]any{"calls": slices.Sorted(maps.Keys(a.called))})
	})
}
