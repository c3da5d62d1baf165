//! Scripts, targets and recipes as they stand in well-known projects: nobody wants to be asked about them.

use super::package;
use crate::kit::World;
use countersign::judge::Decision::None as Silent;

const SCRIPTS: &[(&str, &str)] = &[
    ("build", "rm -rf dist && tsc -p tsconfig.build.json"),
    ("build:next", "prisma generate && next build"),
    ("build:vite", "vue-tsc --noEmit && vite build"),
    ("build:rollup", "rimraf dist && rollup -c --bundleConfigAsCjs"),
    ("build:esm", "tsc -p . --outDir dist/esm && echo '{\"type\":\"module\"}' > dist/esm/package.json"),
    ("build:css", "tailwindcss -i ./src/input.css -o ./dist/output.css --minify"),
    ("build:docs", "typedoc && cp -r docs/static docs/build"),
    ("build:wasm", "wasm-pack build --target web --out-dir pkg"),
    ("build:all", "npm-run-all clean lint build:*s"),
    ("clean", "rimraf dist coverage .turbo node_modules/.cache"),
    ("clean:all", "rm -rf node_modules dist && npm install"),
    ("clean:pkgs", "rm -rf packages/*/dist packages/*/node_modules"),
    ("clean:cache", "rm -rf .next .turbo .cache"),
    ("clean:ts", "tsc --build --clean && rm -rf *.tsbuildinfo"),
    ("lint", "eslint . --ext .ts,.tsx --max-warnings 0"),
    ("lint:fix", "eslint --fix . && prettier --write ."),
    ("format", "prettier --write \"**/*.{ts,tsx,md}\""),
    ("typecheck", "tsc --noEmit"),
    ("test", "NODE_OPTIONS=--experimental-vm-modules jest --runInBand"),
    ("test:watch", "vitest --watch"),
    ("test:e2e", "start-server-and-test 'npm run dev' http://localhost:3000 'playwright test'"),
    ("test:ci", "cross-env CI=true jest --ci --coverage && codecov"),
    ("test:db", "dotenv -e .env.test -- jest --config jest.e2e.js"),
    ("test:unit", "mocha --require ts-node/register 'test/**/*.spec.ts'"),
    ("coverage", "rm -rf coverage && c8 npm test"),
    ("dev", "concurrently -k \"npm:dev:*\""),
    ("dev:web", "next dev --turbo -p 3000"),
    ("dev:api", "nodemon --watch src --exec ts-node src/main.ts"),
    ("start", "node dist/index.js"),
    ("start:prod", "NODE_ENV=production node --max-old-space-size=4096 dist/main"),
    ("db:up", "docker compose up -d postgres redis"),
    ("db:stop", "docker compose stop"),
    ("db:migrate", "prisma migrate deploy"),
    ("db:generate", "drizzle-kit generate"),
    ("db:seed", "tsx prisma/seed.ts"),
    ("db:studio", "prisma studio"),
    ("storybook", "storybook dev -p 6006"),
    ("prepare", "husky install"),
    ("postinstall", "patch-package && prisma generate"),
    ("prepack", "npm run build && clean-package"),
    ("changeset", "changeset && git add --all"),
    ("codegen", "graphql-codegen --config codegen.ts && prettier --write src/gql"),
    ("i18n", "formatjs extract 'src/**/*.ts*' --out-file lang/en.json"),
    ("icons", "node scripts/icons.mjs && svgo -f src/icons"),
    ("size", "size-limit && bundlesize"),
    ("docker:build", "docker build -t shop:latest ."),
    ("preview", "vite preview --port 4173"),
    ("analyze", "ANALYZE=true npm run build:next"),
    ("update", "npx npm-check-updates -u && npm install"),
    ("bench", "node --expose-gc bench/index.js"),
    ("copy", "cpx 'src/**/*.json' dist && mkdir -p dist/public && cp -r public/* dist/public"),
    ("zip", "mkdir -p dist && cd dist && zip -r ../shop.zip . && cd .."),
    ("kill", "kill-port 3000 || true"),
    ("ready", "wait-on tcp:5432 && npm run db:migrate && npm run db:seed"),
    (
        "version:sync",
        "node -e \"const p=require('./package.json');require('fs').writeFileSync('version.txt',p.version)\"",
    ),
];

const MAKEFILE: &str = "SHELL := /bin/bash\n.DEFAULT_GOAL := help\nVERSION ?= $(shell git describe --tags --always --dirty)\nGOBIN ?= $(shell go env GOPATH)/bin\nPKGS = $(shell go list ./... | grep -v /vendor/)\nBUILDDIR = build\nSPHINXBUILD ?= sphinx-build\nOBJS = $(patsubst src/%.c,$(BUILDDIR)/%.o,$(wildcard src/*.c))\nPREFIX ?= /usr/local\n\nhelp: ## Show this help\n\t@grep -E '^[a-zA-Z_-]+:.*?## .*$$' $(MAKEFILE_LIST) | sort | awk 'BEGIN {FS = \":.*?## \"}; {printf \"%-20s %s\\n\", $$1, $$2}'\n\nbuild: generate ## Build\n\tCGO_ENABLED=0 go build -trimpath -ldflags \"-s -w -X main.version=$(VERSION)\" -o dist/shop ./cmd/shop\n\ngenerate:\n\tgo generate ./...\n\ntest:\n\tgo test -race -coverprofile=coverage.out $(PKGS)\n\nlint: $(GOBIN)/golangci-lint\n\tgolangci-lint run\n\n$(GOBIN)/golangci-lint:\n\tgo install github.com/golangci/golangci-lint/cmd/golangci-lint@latest\n\nclean:\n\trm -rf dist $(BUILDDIR) coverage.out\n\tfind . -name '*.pyc' -delete\n\tfind . -type d -name __pycache__ -exec rm -rf {} +\n\nhtml:\n\t@$(SPHINXBUILD) -M html docs \"$(BUILDDIR)\" $(SPHINXOPTS) $(O)\n\nvenv:\n\tpython3 -m venv .venv\n\t. .venv/bin/activate && pip install -r requirements.txt\n\nformat:\n\tblack . && isort .\n\nup:\n\tdocker compose up -d --build\n\t@until curl -sf localhost:8080/health; do sleep 1; done\n\ndown:\n\tdocker compose down\n\nmigrate:\n\talembic upgrade head\n\napp: $(OBJS)\n\t$(CC) $(LDFLAGS) -o $@ $^\n\n$(BUILDDIR)/%.o: src/%.c\n\t@mkdir -p $(@D)\n\t$(CC) $(CFLAGS) -c $< -o $@\n\nproto:\n\t@for f in $$(find proto -name '*.proto'); do \\\n\t\tprotoc --go_out=. $$f; \\\n\tdone\n\ncheck: lint test\n\nrelease: clean build\n\ttar -czf $(BUILDDIR)/shop-$(VERSION).tar.gz -C dist shop\n\nifeq ($(OS),Windows_NT)\nOPEN = start\nelse\nOPEN = open\nendif\nopen: html\n\t$(OPEN) $(BUILDDIR)/html/index.html\n";

const SHELL: &[(&str, &str)] = &[
    (
        "build.sh",
        "#!/usr/bin/env bash\nset -euo pipefail\ncd \"$(dirname \"${BASH_SOURCE[0]}\")/..\"\nOUT=${OUT:-dist}\nrm -rf dist\nmkdir -p \"$OUT\"\nfor pkg in packages/*; do\n  (cd \"$pkg\" && npm run build)\ndone\ncp -r public/* \"$OUT\"\n",
    ),
    (
        "test.sh",
        "#!/bin/sh\nset -e\ntmp=$(mktemp -d)\ntrap 'rm -rf \"$tmp\"' EXIT\ncp -r fixtures \"$tmp\"\npytest -q \"$@\"\n",
    ),
    (
        "dev.sh",
        "#!/bin/bash\ndocker compose up -d db\nexport DATABASE_URL=postgres://localhost/shop\nnpx prisma migrate dev\nexec npm run dev\n",
    ),
    ("deploy-preview.sh", "#!/bin/bash\nset -e\nnpm ci\nnpm run build\nnpx vercel deploy --prebuilt\n"),
    (
        "release.sh",
        "#!/bin/bash\nset -e\nif [ -n \"$(git status --porcelain)\" ]; then\n  echo dirty; exit 1\nfi\nVERSION=$1\nsed -i \"s/version = .*/version = \\\"$VERSION\\\"/\" Cargo.toml\ncargo build --release\n",
    ),
    ("wait.sh", "#!/bin/sh\nuntil pg_isready -h \"$DB_HOST\"; do sleep 1; done\nexec \"$@\"\n"),
    ("lint.sh", "#!/bin/sh\nfind . -name '*.sh' -not -path './node_modules/*' -print0 | xargs -0 shellcheck\n"),
    (
        "gen.sh",
        "#!/bin/bash\nROOT=$(git rev-parse --show-toplevel)\nrm -rf \"$ROOT/build\"\nprotoc --go_out=\"$ROOT/gen\" \"$ROOT\"/proto/*.proto\n",
    ),
];

#[test]
fn scripts_of_package_json() {
    let world = World::with_git();
    world.file("package.json", package(SCRIPTS));
    world.file(
        "scripts/icons.mjs",
        "import fs from 'node:fs';\nfor (const f of fs.readdirSync('src/icons')) console.log(f);\n",
    );
    world.file("prisma/seed.ts", "import { PrismaClient } from '@prisma/client';\nconst p = new PrismaClient();\nawait p.user.create({ data: { name: 'a' } });\n");
    world.file(
        "dist/index.js",
        "const http = require('http');\nhttp.createServer((q, s) => s.end('ok')).listen(3000);\n",
    );
    let mut stopped = Vec::new();
    for (name, text) in SCRIPTS {
        for runner in ["npm run", "yarn", "pnpm run", "bun run"] {
            // Names of yarn's own commands aren't scripts there.
            if runner == "yarn" && matches!(*name, "version:sync") {
                continue;
            }
            let call = format!("{runner} {name}");
            let judged = world.judge(&call);
            if judged.decision != Silent {
                stopped.push(format!("`{call}` ({text}): {}", judged.reason));
            }
        }
    }
    assert!(stopped.is_empty(), "{}", stopped.join("\n"));
    world.all(Silent, &["npm test", "npm start", "npm install", "npm ci", "yarn", "pnpm i"]);
}

#[test]
fn targets_of_makefiles() {
    let world = World::with_git();
    world.file("Makefile", MAKEFILE);
    let mut stopped = Vec::new();
    for target in [
        "",
        "help",
        "build",
        "generate",
        "test",
        "lint",
        "clean",
        "html",
        "venv",
        "format",
        "up",
        "down",
        "migrate",
        "app",
        "proto",
        "check",
        "release",
        "open",
        "build/main.o",
        "clean build test",
    ] {
        let call = format!("make {target}");
        let judged = world.judge(&call);
        if judged.decision != Silent {
            stopped.push(format!("`{call}`: {}", judged.reason));
        }
    }
    assert!(stopped.is_empty(), "{}", stopped.join("\n"));
}

#[test]
fn shell_scripts() {
    let world = World::with_git();
    for (name, text) in SHELL {
        world.file(&format!("scripts/{name}"), text);
    }
    let mut stopped = Vec::new();
    for (name, _) in SHELL {
        for call in [format!("bash scripts/{name}"), format!("./scripts/{name}"), format!("cd scripts && ./{name}")] {
            let judged = world.judge(&call);
            if judged.decision != Silent {
                stopped.push(format!("`{call}`: {}", judged.reason));
            }
        }
    }
    assert!(stopped.is_empty(), "{}", stopped.join("\n"));
}
