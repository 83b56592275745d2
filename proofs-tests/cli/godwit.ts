#!/usr/bin/env node
console.log("godwit");
