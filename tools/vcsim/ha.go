package main

import (
	"slices"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// restartDelay is how long HA takes to declare a host dead and to begin with its VMs; figure.
const restartDelay = time.Minute

// host loses a host, or brings it back. Its VMs stop, their swap files go, and HA, which is taken to be on, restarts them
// elsewhere as time passes.
func (w *world) host(ctx *simulator.Context, host *simulator.HostSystem, lost bool) {
	if w.failed[host.Self] == lost {
		return
	}
	w.array.settleAll(ctx)
	state, what := types.HostSystemConnectionStateConnected, "host back"
	if lost {
		state, what = types.HostSystemConnectionStateNotResponding, "host lost"
		w.failed[host.Self] = true
	} else {
		delete(w.failed, host.Self)
	}
	ctx.WithLock(host, func() {
		ctx.Update(host, []types.PropertyChange{
			{Name: "runtime.connectionState", Val: state}, {Name: "summary.runtime.connectionState", Val: state},
		})
	})
	w.tell(Event{What: what, Host: host.Name})
	for _, one := range w.sorted() {
		if lost && one.on && *one.vm.Runtime.Host == host.Self {
			w.ask(ctx, one.vm, nil)
			w.array.stopped(ctx, one.vm)
			w.orphan[one.vm.Self] = w.now
			w.tell(Event{What: "stopped", VM: one.name, Host: host.Name})
		}
	}
	w.array.settleAll(ctx)
}

// stopped ends a VM.
func (a *array) stopped(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	_, _ = a.guarded(ctx, nil, func() (body soap.HasFault) {
		ctx.WithLock(vm, func() { body = vm.PowerOffVMTask(ctx, &types.PowerOffVM_Task{This: vm.Self}) })
		return body
	})
}

// rescue restarts the VMs of lost hosts, in order of their names, where that can be; the others wait on.
func (w *world) rescue(ctx *simulator.Context, all []*life) {
	if len(w.orphan) == 0 {
		return
	}
	for _, one := range all {
		since, waits := w.orphan[one.vm.Self]
		if !waits || w.now-since < restartDelay {
			continue
		}
		if one.on { // somebody was faster
			delete(w.orphan, one.vm.Self)
			continue
		}
		w.restart(ctx, one, w.now-since < restartDelay+tick)
	}
}

// restart starts a VM on the host that has the fewest VMs of those that may; why not is told the first time only.
func (w *world) restart(ctx *simulator.Context, one *life, tell bool) {
	host, reason := w.refuge(ctx, one)
	if host == nil {
		if tell {
			w.tell(Event{What: "not restarted", VM: one.name, Detail: reason})
		}
		return
	}
	m := w.array.machine(ctx, one.vm.Self)
	if fault := m.swapFault(ctx); fault != nil {
		if tell {
			w.tell(Event{What: "not restarted", VM: one.name, Datastore: one.home, Detail: wording(&types.LocalizedMethodFault{Fault: fault})})
		}
		return
	}
	old, pool := *one.vm.Runtime.Host, *one.vm.ResourcePool
	w.set(ctx, one.vm,
		types.PropertyChange{Name: "runtime.host", Val: host.Self}, types.PropertyChange{Name: "summary.runtime.host", Val: host.Self})
	m.belong(ctx, old, pool)
	if _, fault := m.powerOn(ctx, &types.PowerOnVM_Task{This: one.vm.Self}); fault != nil {
		return
	}
	delete(w.orphan, one.vm.Self)
	w.array.settleAll(ctx)
	w.tell(Event{What: "restarted", VM: one.name, Host: host.Name})
}

// refuge is the host that takes a VM over: of its cluster, alive, with its datastores, and without a VM that must be apart
// from it. Without one it says why.
func (w *world) refuge(ctx *simulator.Context, one *life) (best *simulator.HostSystem, reason string) {
	need, others := demand{one.home: 0}, w.apart(ctx, one)
	for _, c := range one.chains {
		need[c.datastore] += 0
	}
	reason = "no host that sees its datastores is left"
	for _, host := range w.array.v.hosts() {
		if w.failed[host.Self] || *host.Parent != *w.cluster(ctx, one) || w.array.unseen(ctx, &host.Self, need) != nil {
			continue
		}
		if slices.ContainsFunc(host.Vm, func(vm types.ManagedObjectReference) bool { return others[vm] && w.lives[vm].on }) {
			reason = "anti-affinity: each host that is left runs a VM that must be apart from it"
			continue
		}
		if best == nil || len(host.Vm) < len(best.Vm) {
			best = host.HostSystem
		}
	}
	return best, reason
}

func (w *world) cluster(ctx *simulator.Context, one *life) *types.ManagedObjectReference {
	return ctx.Map.Get(*one.vm.Runtime.Host).(*simulator.HostSystem).Parent
}

// apart are the VMs that rules of the cluster keep on other hosts than a VM.
func (w *world) apart(ctx *simulator.Context, one *life) map[types.ManagedObjectReference]bool {
	others := map[types.ManagedObjectReference]bool{}
	cluster, ok := ctx.Map.Get(*w.cluster(ctx, one)).(*simulator.ClusterComputeResource)
	if !ok {
		return others
	}
	config, _ := cluster.ConfigurationEx.(*types.ClusterConfigInfoEx)
	for _, rule := range config.Rule {
		spec, ok := rule.(*types.ClusterAntiAffinityRuleSpec)
		if !ok || !slices.Contains(spec.Vm, one.vm.Self) || spec.Enabled != nil && !*spec.Enabled {
			continue
		}
		for _, vm := range spec.Vm {
			if life := w.lives[vm]; vm != one.vm.Self && life != nil {
				others[vm] = true
			}
		}
	}
	return others
}
