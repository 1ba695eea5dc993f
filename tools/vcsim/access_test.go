package main

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

func TestOnlyTheGivenCredentialsAreAccepted(t *testing.T) {
	s := start(t, campus)
	for name, login := range map[string]*url.Userinfo{
		"wrong password": url.UserPassword("admin", "pass"), "part of it": url.UserPassword("admin", "p"),
		"escaped": url.UserPassword("admin", "p&amp;ss"), "wrong user": url.UserPassword("user", "p&ss"),
		"no password": url.UserPassword("admin", ""),
	} {
		where := *s.vcenter.URL
		where.User = login
		_, err := govmomi.NewClient(s.ctx, &where, true)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if f, ok := fault(t, err).(types.InvalidLogin); !ok {
			t.Errorf("%s: got %T", name, f)
		}
		if err := rest.NewClient(s.client.Client).Login(s.ctx, login); err == nil {
			t.Errorf("%s: accepted by the REST API", name)
		}
	}
	if err := rest.NewClient(s.client.Client).Login(s.ctx, url.UserPassword("admin", "p&ss")); err != nil {
		t.Errorf("the REST API refuses the right ones: %v", err)
	}
}

func TestTokensAndStrangersAreRefused(t *testing.T) {
	s := start(t, campus)
	where := *s.vcenter.URL
	client := must(govmomi.NewClient(context.Background(), &where, true)) // not logged in
	_, err := methods.LoginByToken(s.ctx, client, &types.LoginByToken{This: *client.ServiceContent.SessionManager})
	if f, ok := fault(t, err).(types.InvalidLogin); !ok {
		t.Errorf("token: got %T", f)
	}
	_, err = methods.CreateFolder(s.ctx, client, &types.CreateFolder{This: client.ServiceContent.RootFolder, Name: "x"})
	if f, ok := fault(t, err).(types.NotAuthenticated); !ok {
		t.Errorf("without login: got %T", f)
	}
}

func TestUrlHasNoCredentials(t *testing.T) {
	s := start(t, campus)
	if got := s.vcenter.URL.String(); strings.Contains(got, "@") || !strings.HasSuffix(got, "/sdk") {
		t.Errorf("got %s", got)
	}
}

func TestTakenAddressIsAnError(t *testing.T) {
	s := start(t, campus)
	again := must(LoadSite(write(t, campus)))
	if _, err := Start(again, s.vcenter.URL.Host, url.UserPassword("a", "b")); err == nil ||
		!strings.Contains(err.Error(), "cannot listen") {
		t.Errorf("got %v", err)
	}
}

func TestCategoriesOfTagsStorePlainTypes(t *testing.T) {
	s := start(t, campus)
	client := rest.NewClient(s.client.Client)
	if err := client.Login(s.ctx, url.UserPassword("admin", "p&ss")); err != nil {
		t.Fatal(err)
	}
	manager := tags.NewManager(client)
	id := must(manager.CreateCategory(s.ctx, &tags.Category{
		Name: "role", Cardinality: "SINGLE", AssociableTypes: []string{"urn:vim25:VirtualMachine"},
	}))
	if got := must(manager.GetCategory(s.ctx, id)).AssociableTypes; len(got) != 1 || got[0] != "VirtualMachine" {
		t.Errorf("got %v", got)
	}
	more := &tags.Category{ID: id, Name: "role", AssociableTypes: []string{"urn:vim25:VirtualMachine", "urn:vim25:Datastore"}}
	if err := manager.UpdateCategory(s.ctx, more); err != nil {
		t.Fatal(err)
	}
	if got := must(manager.GetCategory(s.ctx, id)).AssociableTypes; len(got) != 2 || got[1] != "Datastore" {
		t.Errorf("got %v", got)
	}
}
