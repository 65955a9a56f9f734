// karpenter-peer FILE: solves one workload with Karpenter's own scheduler, once, and prints figures as JSON.
//
// The scheduler is built as the provisioner builds it, over a client that holds nothing and the
// state of a cluster that holds the workload's nodes. Timed is Solve alone: reading the file, the
// topology's first count and the scheduler's templates are not. What the plan costs is the sum over
// its NodeClaims of the cheapest offering that their pods allow.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"sigs.k8s.io/karpenter/pkg/controllers/provisioning/scheduling"
	"sigs.k8s.io/karpenter/pkg/operator/injection"
	"sigs.k8s.io/karpenter/pkg/operator/options"
)

type figures struct {
	Workload      string  `json:"workload"`
	Pods          int     `json:"pods"`
	Unplaced      int     `json:"unplaced"`
	FirstError    string  `json:"first_error,omitempty"`
	Nodes         int     `json:"nodes"`
	OnStanding    int     `json:"pods_on_standing_nodes"`
	PricePerHour  float64 `json:"price_per_hour"`
	SolveSeconds  float64 `json:"solve_seconds"`
	CPUSeconds    float64 `json:"cpu_seconds"`
	PodsPerSecond float64 `json:"pods_per_second"`
	RSSBeforeMiB  float64 `json:"rss_before_mib"`
	PeakRSSMiB    float64 `json:"peak_rss_mib"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: karpenter-peer FILE")
		os.Exit(2)
	}
	result, err := solve(os.Args[1])
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: %s\n", err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(result)
}

func solve(path string) (*figures, error) {
	log.SetLogger(logr.Discard())
	ctx := options.ToContext(injection.WithControllerName(context.Background(), "provisioner"), &options.Options{
		CPURequests:       workers * 1000,
		PreferencePolicy:  options.PreferencePolicyRespect,
		MinValuesPolicy:   options.MinValuesPolicyStrict,
		IgnoreDRARequests: true,
		FeatureGates:      options.DefaultFeatureGates(),
	})
	w, err := readWorkload(path)
	if err != nil {
		return nil, err
	}
	pods := w.pendingPods()
	scheduler, err := w.scheduler(ctx, pods)
	if err != nil {
		return nil, err
	}

	resetPeak()
	f := &figures{Workload: w.Name, Pods: len(pods), RSSBeforeMiB: statusMiB("VmRSS")}
	cpu, start := cpuSeconds(), time.Now()
	results, err := scheduler.Solve(ctx, pods)
	f.SolveSeconds = time.Since(start).Seconds()
	f.CPUSeconds = cpuSeconds() - cpu
	f.PeakRSSMiB = statusMiB("VmHWM")
	if err != nil {
		return nil, err
	}
	f.PodsPerSecond = float64(len(pods)) / f.SolveSeconds
	f.count(results)
	return f, nil
}

func (f *figures) count(results scheduling.Results) {
	f.Unplaced = len(results.PodErrors)
	for _, err := range results.PodErrors {
		f.FirstError = err.Error()
		break
	}
	f.Nodes = len(results.NewNodeClaims)
	for _, claim := range results.NewNodeClaims {
		cheapest := -1.0
		for _, t := range claim.InstanceTypeOptions {
			for _, offering := range t.Offerings.Available().Compatible(claim.Requirements) {
				if cheapest < 0 || offering.Price < cheapest {
					cheapest = offering.Price
				}
			}
		}
		f.PricePerHour += max(cheapest, 0)
	}
	for _, node := range results.ExistingNodes {
		f.OnStanding += len(node.Pods)
	}
}
