/* Before the first data the page asks again by itself. */
setTimeout(()=>location.reload(),5000+5000*Math.random());
