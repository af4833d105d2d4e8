for(const form of document.forms){
  form.onsubmit=async event=>{
    event.preventDefault();
    const answer=form.querySelector(".answer"),query=new URLSearchParams,headers={};
    let path=form.dataset.path;
    for(const field of form.querySelectorAll("[data-value]"))path=path.replace(`{${field.dataset.value}}`,encodeURIComponent(field.value));
    for(const [name,value] of new FormData(form))if(value)query.append(name,value);
    for(const field of form.querySelectorAll("[data-header]"))if(field.value)headers[field.dataset.header]=field.value;
    const url=query.size?`${path}?${query}`:path;
    answer.hidden=false;
    answer.textContent="…";
    try{
      const response=await fetch(url,{headers}),body=await response.text();
      const shown=/json/.test(response.headers.get("content-type"))?JSON.stringify(JSON.parse(body),null,1):body;
      const line=document.createElement("p"),tag=document.createElement("div"),text=document.createElement("pre");
      line.textContent=response.status+" "+url;
      if(response.headers.has("etag"))tag.textContent="ETag: "+response.headers.get("etag");
      text.textContent=shown.slice(0,2e5);
      text.tabIndex=0;
      answer.replaceChildren(line,tag,text);
    }catch(error){
      answer.textContent=url+": "+error.message;
    }
  };
}
