//! kubectl and helm: contexts, clusters and what kubeconfigs say of them.

use super::with;
use crate::kit::World;
use countersign::judge::Decision::{Ask, Deny, None};

fn config(current: &str) -> String {
    format!(
        "apiVersion: v1\ncurrent-context: {current}\nclusters:\n\
         - {{name: kind-ci, cluster: {{server: 'https://127.0.0.1:6443', certificate-authority-data: hunter2}}}}\n\
         - {{name: kind-far, cluster: {{server: 'https://k8s.example.com'}}}}\n\
         - {{name: tunnel, cluster: {{server: 'https://127.0.0.1:7443'}}}}\n\
         - {{name: through, cluster: {{server: 'https://127.0.0.1:6443', proxy-url: 'http://proxy:3128'}}}}\n\
         - {{name: eu, cluster: {{server: 'https://eu.example.com'}}}}\n\
         contexts:\n\
         - {{name: kind-ci, context: {{cluster: kind-ci, user: a}}}}\n\
         - {{name: kind-dev, context: {{cluster: kind-ci, user: a}}}}\n\
         - {{name: kind-test-far, context: {{cluster: kind-far, user: a}}}}\n\
         - {{name: kind-test-through, context: {{cluster: through, user: a}}}}\n\
         - {{name: test-tunnel, context: {{cluster: tunnel, user: a}}}}\n\
         - {{name: shop-prod-eu, context: {{cluster: eu, user: a}}}}\n\
         - {{name: shop-eu, context: {{cluster: eu, user: a, namespace: prod}}}}\n\
         - {{name: stage, context: {{cluster: eu, user: a}}}}\n\
         users:\n- {{name: a, user: {{token: hunter2}}}}\n"
    )
}

fn world(current: &str) -> World {
    let world = World::new();
    world.file("../.kube/config", config(current));
    world
}

const DELETE: &str = "kubectl delete pvc data";

#[test]
fn the_current_context_is_told() {
    world("shop-prod-eu").says(
        DELETE,
        Deny,
        &["Here: aimed at production: current-context in ~/.kube/config names shop-prod-eu."],
    );
    world("shop-eu").says(DELETE, Deny, &["aimed at production: namespace in ~/.kube/config names prod"]);
    world("stage").says(DELETE, Ask, &["stage (current-context in ~/.kube/config)"]);
    world("kind-dev").says(DELETE, Ask, &["kind-dev", "on this machine"]);
    world("kind-dev").all(Ask, &["tilt down", "skaffold delete"]);
    world("kind-ci")
        .all(None, &[DELETE, "kubectl delete deployment web", "helm uninstall web", "tilt down", "skaffold delete"]);
    world("missing").all(Ask, &[DELETE]);
    World::new().all(Ask, &[DELETE]);
}

#[test]
fn options_count_before_files() {
    let world = world("shop-prod-eu");
    world.all(None, &["kubectl --context kind-ci delete pvc data", "kubectl delete pvc data --context=kind-ci"]);
    world.all(Ask, &["kubectl --context stage delete pvc data", "helm --kube-context stage uninstall web"]);
    let world = self::world("kind-ci");
    world.all(
        Deny,
        &[
            "kubectl --context shop-prod-eu delete pvc data",
            "kubectl -n prod delete pvc data",
            "kubectl --context kind-ci --context shop-prod-eu delete pvc data",
            "helm uninstall web --kube-context shop-prod-eu -n prod",
        ],
    );
}

#[test]
fn what_is_not_proven_is_asked() {
    let world = world("kind-ci");
    world.file("other", config("stage"));
    world.all(
        Ask,
        &[
            "kubectl --context kind-ci --context stage delete pvc data",
            "kubectl --context $X delete pvc data",
            "kubectl --context kind-test-far delete pvc data",
            "kubectl --context kind-test-through delete pvc data",
            "kubectl --context test-tunnel delete pvc data",
            "kubectl --server https://k8s.example.com delete pvc data",
            "kubectl --kubeconfig other delete pvc data",
            "KUBECONFIG=other kubectl delete pvc data",
            "KUBECONFIG=$X kubectl delete pvc data",
            "export KUBECONFIG=other; kubectl delete pvc data",
            "kubectl config use-context stage && kubectl delete pvc data",
            "kubectl port-forward svc/x 6443 & kubectl delete pvc data",
            "cp other ~/.kube/config && kubectl delete pvc data",
        ],
    );
    world.says("kubectl config use-context shop-prod-eu && kubectl delete pvc data", Deny, &["shop-prod-eu"]);
    let set = |name: &str| (name == "KUBECONFIG").then(|| "/nowhere".to_owned());
    assert_eq!(with(&world, set, DELETE).decision, Ask);
}

#[test]
fn files_that_are_none() {
    for text in ["", "{", "[[[[", "current-context: [kind-ci]", "\0", "a: &a [*a, *a]"] {
        let world = World::new();
        world.file("../.kube/config", text);
        world.all(Ask, &[DELETE]);
    }
    let world = World::new();
    world.file("../.kube/config", "- ".repeat(300_000));
    world.all(Ask, &[DELETE]);
}

#[test]
fn no_secret_is_told() {
    for current in ["shop-prod-eu", "stage", "kind-dev"] {
        let judgement = world(current).judge(DELETE);
        assert!(!format!("{judgement:?}").contains("hunter2"), "{judgement:?}");
    }
}
