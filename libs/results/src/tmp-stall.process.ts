import { openStore } from './store';
import { mkdtempSync } from 'node:fs';
async function main(){
 const dir = mkdtempSync('/tmp/stall-');
 const s = await openStore(dir,{create:true}); const r = await s.runs.create({name:'x',planKey:'p',experiment:'',dataset:'d',published:undefined,engine:'e',seeds:[1],stepsTotal:1,images:undefined} as any);
 const reader = await openStore(dir);
 let n=0;
 const ops: Record<string,()=>Promise<unknown>> = {
  beat: ()=>s.runs.heartbeat(r.id),
  renew: ()=>s.steps.renew(['a'],'o',1000),
  progress: ()=>s.events.append(r.id,{type:'step-progress',step:'s',done:1,total:2,unit:'u'}),
  finishedEvent: ()=>s.events.append(r.id,{type:'step-finished',step:'s',label:'l',cached:false,seconds:1,stepsDone:1,stepsTotal:1}),
  claim: ()=>s.steps.claim('k'+n,'o',1000),
  find: ()=>s.steps.find('k'+n),
  finish: ()=>s.steps.finish({key:'f'+n,kind:'a',label:'l',output:{},artifacts:[],seconds:1,finishedAt:1}),
  finishTwice: ()=>s.steps.finish({key:'same',kind:'a',label:'l',output:{},artifacts:[],seconds:1,finishedAt:1}),
  update: ()=>s.runs.update(r.id,{stepsDone:n}),
  get: ()=>s.runs.get(r.id),
  cells: ()=>s.cells.put([{runId:r.id,seed:1,model:'m',attack:'a',mode:'clean',metric:'error-rate',unit:'f',value:n,low:0,high:1,count:1,attackStep:undefined,evaluateStep:'e'}]),
  steps: ()=>s.runSteps.put(r.id,[{key:'k',kind:'a',label:'l',position:0}]),
 };
 const names=Object.keys(ops);
 for (let round=0; round<3000; round++){
   n=round+1;
   const chosen=[0,1,2].map(()=>names[Math.floor(Math.random()*names.length)]!);
   await Promise.all(chosen.map(x=>ops[x]!()));
   await s.runs.update(r.id,{stepsDone:n});
   const run=await reader.runs.get(r.id);
   if(run.stepsDone!==n){ console.log('STALL at round',round,chosen.join(),'reader sees',run.stepsDone); process.exit(1); }
 }
 console.log('no stall');
 await s.close(); await reader.close();
}
void main();
