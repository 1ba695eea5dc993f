package main

import (
	"net/http"
	"testing"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestACallThatIsDeniedNamesThePrivilegeUntilItIsAllowed(t *testing.T) {
	s := start(t, campus)
	now := func() error {
		_, err := methods.GetCurrentTime(s.ctx, s.client)
		return err
	}
	s.sim("deny?what=CurrentTime&privilege=System.View")
	f, ok := fault(t, now()).(types.NoPermission)
	if !ok || f.PrivilegeId != "System.View" || f.Object == nil || f.Object.Type != "ServiceInstance" {
		t.Errorf("got %T %+v", f, f)
	}
	s.sim("deny?what=CurrentTime")
	if err := now(); err != nil {
		t.Errorf("allowed again: %v", err)
	}
}

func TestAPropertyThatMayNotBeReadIsMissingAndTheOthersAreThere(t *testing.T) {
	s := start(t, campus)
	s.sim("deny?what=Datacenter.vmFolder&privilege=System.Read")
	var dc mo.Datacenter
	found := must(methods.RetrievePropertiesEx(s.ctx, s.client, &types.RetrievePropertiesEx{
		This: s.client.ServiceContent.PropertyCollector,
		SpecSet: []types.PropertyFilterSpec{{
			ObjectSet: []types.ObjectSpec{{Obj: s.dc.Reference()}},
			PropSet:   []types.PropertySpec{{Type: "Datacenter", PathSet: []string{"name", "vmFolder"}}},
		}},
	})).Returnval.Objects[0]
	if len(found.PropSet) != 1 || len(found.MissingSet) != 1 || found.MissingSet[0].Path != "vmFolder" {
		t.Fatalf("got %+v", found)
	}
	if f, ok := found.MissingSet[0].Fault.Fault.(*types.NoPermission); !ok || f.PrivilegeId != "System.Read" {
		t.Errorf("got %+v", found.MissingSet[0].Fault)
	}
	s.sim("deny?what=Datacenter.vmFolder")
	if err := property.DefaultCollector(s.client.Client).RetrieveOne(s.ctx, s.dc.Reference(), []string{"vmFolder"}, &dc); err != nil {
		t.Errorf("allowed again: %v", err)
	}
}

func TestNonsenseAboutRightsChangesNothingAndStrangersAreTurnedAway(t *testing.T) {
	s := start(t, campus)
	for _, call := range []struct {
		method, what, user string
		code               int
	}{
		{http.MethodPost, "deny", "admin", http.StatusBadRequest},
		{http.MethodPost, "deny?what=CurrentTime&privilege=two+words", "admin", http.StatusBadRequest},
		{http.MethodGet, "calls", "admin", http.StatusMethodNotAllowed},
		{http.MethodPost, "calls", "stranger", http.StatusUnauthorized},
		{http.MethodPost, "calls", "admin", http.StatusOK},
	} {
		if code, _ := s.ask(call.method, call.what, call.user, "p&ss"); code != call.code {
			t.Errorf("%s by %s: %d, want %d", call.what, call.user, code, call.code)
		}
	}
	if _, err := methods.GetCurrentTime(s.ctx, s.client); err != nil {
		t.Error(err)
	}
}

func TestHostsWhoseClocksAreAheadDateTheirSnapshots(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	s.sim("clock?hosts_ahead_minutes=30")
	s.done(s.snapshot(vm))
	now := must(methods.GetCurrentTime(s.ctx, s.client))
	var read mo.VirtualMachine
	if err := vm.Properties(s.ctx, vm.Reference(), []string{"snapshot"}, &read); err != nil {
		t.Fatal(err)
	}
	if ahead := read.Snapshot.RootSnapshotList[0].CreateTime.Sub(*now).Minutes(); ahead < 29 || ahead > 31 {
		t.Errorf("a snapshot of now is from %g min ahead", ahead)
	}
	if code, _ := s.ask(http.MethodPost, "clock?hosts_ahead_minutes=NaN", "admin", "p&ss"); code != http.StatusBadRequest {
		t.Errorf("nonsense: %d", code)
	}
}
