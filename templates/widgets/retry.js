/* Reload until the first data have been fetched; the random part spreads the requests. */
setTimeout(()=>location.reload(),5000+5000*Math.random());
